//! Certificates from files.

use std::path::Path;

use secrecy::zeroize::Zeroizing;

use super::super::error::StartError;
use super::super::settings::TlsFiles;

/// The contents of [`TlsFiles`].
#[derive(Default)]
pub(super) struct Pem {
    pub(super) ca: Option<Vec<u8>>,
    /// Certificate and key, which is overwritten when it is dropped.
    pub(super) client: Option<(Vec<u8>, Zeroizing<Vec<u8>>)>,
}

impl Pem {
    pub(super) fn read(title: &str, files: &TlsFiles, errors: &mut Vec<StartError>) -> Self {
        let mut read = |path: &Path, what: &str| match std::fs::read(path) {
            Ok(pem) => Some(pem),
            Err(error) => {
                errors.push(StartError::new(
                    title,
                    format!("reading {what} from {}: {error}", path.display()),
                    "check the path and who may read it",
                ));
                None
            }
        };
        let ca = files
            .ca
            .as_deref()
            .and_then(|path| read(path, "the CA's certificate"));
        let certificate = files
            .client_certificate
            .as_deref()
            .and_then(|path| read(path, "the client's certificate"));
        let key = files
            .client_key
            .as_deref()
            .and_then(|path| read(path, "the client's key"));
        if files.client_certificate.is_some() != files.client_key.is_some() {
            errors.push(StartError::new(
                title,
                "of the client's certificate and its key, only one is given",
                "give both files or none",
            ));
        }
        Pem {
            ca,
            client: certificate.zip(key.map(Zeroizing::new)),
        }
    }
}
