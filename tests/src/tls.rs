//! TLS in front of a server that has none, with certificates that are right or wrong in one way.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, ExtendedKeyUsagePurpose, IsCa, KeyPair,
    KeyUsagePurpose, date_time_ymd,
};
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// What a server shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// What it should: for `localhost` and 127.0.0.1.
    Good,
    /// For another host.
    OtherName,
    /// Of long ago.
    Expired,
    /// Of a CA that nobody knows.
    Stranger,
    /// None at all: it does not speak TLS.
    Plain,
}

impl Shown {
    /// All that are wrong.
    pub const WRONG: [Shown; 4] = [
        Shown::OtherName,
        Shown::Expired,
        Shown::Stranger,
        Shown::Plain,
    ];
}

/// A CA of a test.
#[derive(Debug)]
pub struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    /// A new one.
    ///
    /// # Panics
    ///
    /// If there is no chance on this machine to make a key of.
    pub fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).expect("no names");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        params.not_before = date_time_ymd(2000, 1, 1);
        params.not_after = date_time_ymd(2100, 1, 1);
        let key = KeyPair::generate().expect("chance");
        Authority(CertifiedIssuer::self_signed(params, key).expect("a key of its own"))
    }

    /// Writes its certificate.
    ///
    /// # Panics
    ///
    /// If the file cannot be written.
    pub fn write(&self, file: &Path) {
        std::fs::write(file, self.0.pem()).expect("a writable folder");
    }

    /// A server's configuration with a certificate of this CA.
    fn server(&self, names: &[&str], until: i32) -> Arc<ServerConfig> {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let mut params = CertificateParams::new(names).expect("names");
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.not_before = date_time_ymd(2001, 1, 1);
        params.not_after = date_time_ymd(until, 1, 1);
        let key = KeyPair::generate().expect("chance");
        let certificate = params.signed_by(&key, &self.0).expect("a CA's key");
        let chain: Vec<CertificateDer<'static>> = vec![certificate.der().clone()];
        let key = PrivateKeyDer::try_from(key.serialize_der()).expect("a key");
        let provider = Arc::new(aws_lc_rs::default_provider());
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("the provider has them")
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .expect("a certificate and its key");
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Arc::new(config)
    }
}

impl Default for Authority {
    fn default() -> Self {
        Self::new()
    }
}

/// A server that speaks TLS for another one. Ends when it is dropped; connections that are open stay.
#[derive(Debug)]
pub struct Front {
    address: SocketAddr,
    shown: Arc<Mutex<Option<Arc<ServerConfig>>>>,
    good: Arc<ServerConfig>,
    serving: JoinHandle<()>,
}

const OWN_NAMES: [&str; 2] = ["localhost", "127.0.0.1"];

impl Front {
    /// Starts one for the server at `target` on a free port.
    ///
    /// # Panics
    ///
    /// If there is no free port.
    pub async fn start(target: SocketAddr, authority: &Authority, shown: Shown) -> Self {
        let good = authority.server(&OWN_NAMES, 2099);
        let config = match shown {
            Shown::Good => Some(Arc::clone(&good)),
            Shown::OtherName => Some(authority.server(&["elsewhere.example"], 2099)),
            Shown::Expired => Some(authority.server(&OWN_NAMES, 2002)),
            Shown::Stranger => Some(Authority::new().server(&OWN_NAMES, 2099)),
            Shown::Plain => None,
        };
        let listener = TcpListener::bind("127.0.0.1:0")
            .await
            .expect("a free port on loopback");
        let address = listener.local_addr().expect("it is bound");
        let shown = Arc::new(Mutex::new(config));
        let serving = tokio::spawn(serve(listener, target, Arc::clone(&shown)));
        Front {
            address,
            shown,
            good,
            serving,
        }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// From now on it shows the right certificate.
    pub fn mend(&self) {
        *self.shown.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&self.good));
    }
}

impl Drop for Front {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn serve(
    listener: TcpListener,
    target: SocketAddr,
    shown: Arc<Mutex<Option<Arc<ServerConfig>>>>,
) {
    while let Ok((mut near, _)) = listener.accept().await {
        let config = shown.lock().unwrap_or_else(PoisonError::into_inner).clone();
        tokio::spawn(async move {
            let Ok(mut far) = TcpStream::connect(target).await else {
                return;
            };
            // However it ends, it ends.
            let _ = match config {
                None => copy_bidirectional(&mut near, &mut far).await,
                Some(config) => match TlsAcceptor::from(config).accept(near).await {
                    Ok(mut near) => copy_bidirectional(&mut near, &mut far).await,
                    Err(_) => return,
                },
            };
        });
    }
}
