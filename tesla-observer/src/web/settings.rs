//! What the page is told.

use std::net::SocketAddr;

use secrecy::SecretString;

/// What the page is told.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where it listens.
    pub address: SocketAddr,
    /// Whether nobody chose the address: if it is taken, any other port will do.
    pub any_port: bool,
    /// What must be presented to read anything. Without it only this machine is listened to.
    pub token: Option<SecretString>,
}
