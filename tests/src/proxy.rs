//! The path between the observer and a service, as a TCP proxy on loopback that fails as it is told:
//! it knows bytes only, so it is the same for HTTP/1.1, HTTP/2, gRPC and TLS.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{ReadHalf, WriteHalf};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::sleep;

/// What becomes of connections. A change strikes those that are open, too; what is counted is counted
/// from the change on.
#[derive(Clone, Debug, PartialEq)]
pub enum Path {
    /// All bytes go through.
    Pass,
    /// All bytes go through, late.
    Late {
        /// Before the first piece of the answers.
        first: Duration,
        /// Before each piece of the answers.
        each: Duration,
    },
    /// Answers come at this many bytes a second, at least 1.
    Trickle(u32),
    /// After so many bytes of answers, the connection is reset (RST): whoever reads gets an error.
    Reset(u64),
    /// After so many bytes of answers, the connection ends in order (FIN), as if that were all.
    End(u64),
    /// Half-open: what is sent is taken and goes nowhere, no answer comes, and nobody hangs up.
    Swallow,
    /// Nobody listens; open connections are reset.
    Refuse,
    /// The client's first bytes get through, a TLS hello say, and then the connection is reset.
    CutHello,
    /// For each connection one of these, with their weights, by the proxy's seed.
    OneOf(Vec<(u32, Path)>),
}

/// A running proxy. Ends, with all its connections, when it is dropped.
#[derive(Debug)]
pub struct Proxy {
    address: SocketAddr,
    orders: watch::Sender<Order>,
    counts: Arc<Counts>,
    serving: JoinHandle<()>,
}

/// The path, and how often it has changed.
#[derive(Clone, Debug)]
struct Order {
    path: Path,
    number: u64,
}

#[derive(Debug, Default)]
struct Counts {
    connections: AtomicU64,
    answered: AtomicU64,
    moved: AtomicU64,
    asking: AtomicU64,
}

/// A connection that comes to an end that is not in order.
enum Cut {
    Reset,
    End,
}

impl Proxy {
    /// Starts a proxy to `target` on a free port, on which everything passes.
    ///
    /// # Panics
    ///
    /// If there is no free port.
    pub async fn start(target: SocketAddr, seed: u64) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0")
            .await
            .expect("a free port on loopback");
        let address = listener.local_addr().expect("it is bound");
        let orders = watch::Sender::new(Order {
            path: Path::Pass,
            number: 0,
        });
        let counts = Arc::<Counts>::default();
        let gate = Gate {
            address,
            target,
            seed,
            orders: orders.subscribe(),
            counts: Arc::clone(&counts),
        };
        Proxy {
            address,
            orders,
            counts,
            serving: tokio::spawn(gate.serve(listener)),
        }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What becomes of connections from now on.
    pub fn set(&self, path: Path) {
        self.orders.send_modify(|order| {
            order.path = path;
            order.number += 1;
        });
    }

    /// How many connections were accepted.
    pub fn connections(&self) -> u64 {
        self.counts.connections.load(Ordering::Relaxed)
    }

    /// How many bytes of answers went through.
    pub fn answered(&self) -> u64 {
        self.counts.answered.load(Ordering::Relaxed)
    }

    /// How many bytes went through, in both directions.
    pub fn moved(&self) -> u64 {
        self.counts.moved.load(Ordering::Relaxed)
    }

    /// Whether there is a connection on which the client spoke last, and may get an answer.
    pub fn is_asked(&self) -> bool {
        self.counts.asking.load(Ordering::Relaxed) > 0
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        // Connections end by themselves when there are no more orders.
        self.serving.abort();
    }
}

struct Gate {
    address: SocketAddr,
    target: SocketAddr,
    seed: u64,
    orders: watch::Receiver<Order>,
    counts: Arc<Counts>,
}

impl Gate {
    async fn serve(mut self, listener: TcpListener) {
        let mut listener = Some(listener);
        loop {
            let refuses = self.orders.borrow_and_update().path == Path::Refuse;
            if refuses {
                listener = None;
                if self.orders.changed().await.is_err() {
                    return;
                }
                continue;
            }
            let Some(open) = &listener else {
                // The port may be taken by another connection for a moment.
                match listen(self.address) {
                    Ok(again) => listener = Some(again),
                    Err(_) => sleep(Duration::from_millis(10)).await,
                }
                continue;
            };
            tokio::select! {
                accepted = open.accept() => if let Ok((near, _)) = accepted {
                    let number = self.counts.connections.fetch_add(1, Ordering::Relaxed);
                    let line = Line {
                        number,
                        seed: self.seed,
                        counts: Arc::clone(&self.counts),
                        asking: AtomicBool::new(false),
                    };
                    tokio::spawn(line.carry(near, self.target, self.orders.clone()));
                },
                changed = self.orders.changed() => if changed.is_err() {
                    return;
                },
            }
        }
    }
}

fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = TcpSocket::new_v4()?;
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(128)
}

/// One connection.
struct Line {
    number: u64,
    seed: u64,
    counts: Arc<Counts>,
    /// The client spoke last.
    asking: AtomicBool,
}

impl Line {
    async fn carry(self, mut near: TcpStream, to: SocketAddr, orders: watch::Receiver<Order>) {
        let Ok(mut far) = TcpStream::connect(to).await else {
            let _ = near.set_zero_linger();
            return;
        };
        // Failing to set it costs some milliseconds.
        let _ = near.set_nodelay(true);
        let _ = far.set_nodelay(true);
        let (near_read, near_write) = near.split();
        let (far_read, far_write) = far.split();
        let up = self.questions(near_read, far_write, orders.clone());
        let down = self.answers(far_read, near_write, orders);
        if let Err(Cut::Reset) = tokio::try_join!(up, down) {
            let _ = near.set_zero_linger();
        }
    }

    /// Who spoke last.
    fn spoke(&self, is_client: bool) {
        let asking = &self.counts.asking;
        match (self.asking.swap(is_client, Ordering::Relaxed), is_client) {
            (false, true) => asking.fetch_add(1, Ordering::Relaxed),
            (true, false) => asking.fetch_sub(1, Ordering::Relaxed),
            _ => 0,
        };
    }

    /// The order for this connection, of which there is but one until it changes.
    fn order(&self, order: &Order) -> Path {
        let random = mixed(self.seed ^ mixed(self.number ^ mixed(order.number)));
        chosen(&order.path, random)
    }

    async fn questions(
        &self,
        mut from: ReadHalf<'_>,
        mut to: WriteHalf<'_>,
        mut orders: watch::Receiver<Order>,
    ) -> Result<(), Cut> {
        let mut buffer = vec![0; 16 * 1024];
        loop {
            let path = self.order(&orders.borrow_and_update());
            if path == Path::Refuse {
                return Err(Cut::Reset);
            }
            let count = tokio::select! {
                read = from.read(&mut buffer) => read.map_err(|_| Cut::Reset)?,
                changed = orders.changed() => match changed {
                    Ok(()) => continue,
                    Err(_) => return Err(Cut::End),
                },
            };
            match path {
                // Not even an end is passed on or answered.
                Path::Swallow if count == 0 => return until_changed(&mut orders).await,
                Path::Swallow => continue,
                _ if count == 0 => {
                    let _ = to.shutdown().await;
                    return Ok(());
                }
                _ => {}
            }
            to.write_all(&buffer[..count])
                .await
                .map_err(|_| Cut::Reset)?;
            self.spoke(true);
            self.counts.moved.fetch_add(count as u64, Ordering::Relaxed);
            if path == Path::CutHello {
                return Err(Cut::Reset);
            }
        }
    }

    async fn answers(
        &self,
        mut from: ReadHalf<'_>,
        mut to: WriteHalf<'_>,
        mut orders: watch::Receiver<Order>,
    ) -> Result<(), Cut> {
        let mut buffer = vec![0; 16 * 1024];
        loop {
            let path = self.order(&orders.borrow_and_update());
            if path == Path::Swallow {
                self.spoke(false);
            }
            let mut rest = match path {
                Path::Refuse => return Err(Cut::Reset),
                Path::Reset(0) => return Err(Cut::Reset),
                Path::End(0) => return Err(Cut::End),
                Path::Reset(after) | Path::End(after) => after,
                _ => u64::MAX,
            };
            let mut is_first = true;
            // Under one order.
            loop {
                let most = match path {
                    Path::Trickle(rate) => (rate as usize / 20).max(1),
                    _ => buffer.len(),
                };
                let most = most.min(buffer.len());
                let count = tokio::select! {
                    read = from.read(&mut buffer[..most]), if path != Path::Swallow => {
                        read.map_err(|_| Cut::Reset)?
                    }
                    changed = orders.changed() => match changed {
                        Ok(()) => break,
                        Err(_) => return Err(Cut::End),
                    },
                };
                if count == 0 {
                    let _ = to.shutdown().await;
                    return Ok(());
                }
                let wait = match path {
                    Path::Late { first, each } if is_first => first + each,
                    Path::Late { each, .. } => each,
                    Path::Trickle(rate) => Duration::from_secs(count as u64) / rate.max(1),
                    _ => Duration::ZERO,
                };
                is_first = false;
                if !wait.is_zero() {
                    // It is not all said yet.
                    self.spoke(true);
                    sleep(wait).await;
                }
                let passes = rest.min(count as u64);
                let piece = &buffer[..usize::try_from(passes).unwrap_or(count)];
                to.write_all(piece).await.map_err(|_| Cut::Reset)?;
                self.counts.answered.fetch_add(passes, Ordering::Relaxed);
                self.counts.moved.fetch_add(passes, Ordering::Relaxed);
                self.spoke(false);
                rest -= passes;
                if rest == 0 {
                    return Err(match path {
                        Path::End(_) => Cut::End,
                        _ => Cut::Reset,
                    });
                }
            }
        }
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.spoke(false);
    }
}

/// A client that has gone from a connection that is half-open.
async fn until_changed(orders: &mut watch::Receiver<Order>) -> Result<(), Cut> {
    let _ = orders.changed().await;
    Err(Cut::End)
}

/// One of several by chance, otherwise the path itself.
fn chosen(path: &Path, random: u64) -> Path {
    let Path::OneOf(paths) = path else {
        return path.clone();
    };
    let sum: u64 = paths.iter().map(|(weight, _)| u64::from(*weight)).sum();
    let mut place = random.checked_rem(sum).unwrap_or(0);
    for (weight, path) in paths {
        match place.checked_sub(u64::from(*weight)) {
            None => return chosen(path, mixed(random)),
            Some(rest) => place = rest,
        }
    }
    Path::Pass
}

/// SplitMix64's finish (Steele, Lea and Flood, 2014): near numbers become far ones.
fn mixed(number: u64) -> u64 {
    let mut z = number.wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}
