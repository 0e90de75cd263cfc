//! Connections that can be cut: for faults, and so that a shutdown waits for nobody.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, Weak};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use futures_util::task::AtomicWaker;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{Instant, Sleep, sleep};

/// The switch of one connection.
#[derive(Debug, Default)]
struct Switch {
    cut: AtomicBool,
    /// Bytes of headers a second, if they are not to end.
    flood: OnceLock<u32>,
    waker: AtomicWaker,
}

/// Who is connected, and the means to cut the connection.
#[derive(Clone, Debug)]
pub(super) struct Peer {
    pub(super) address: SocketAddr,
    switch: Arc<Switch>,
}

impl Peer {
    /// Cuts the connection: no byte comes or goes any more.
    pub(super) fn cut(&self) {
        self.switch.cut.store(true, Ordering::Release);
        self.switch.waker.wake();
    }

    /// Answers on the connection with headers that never end.
    pub(super) fn flood(&self, bytes_per_second: u32) {
        let _ = self.switch.flood.set(bytes_per_second);
        self.switch.waker.wake();
    }
}

/// All open connections.
#[derive(Clone, Debug, Default)]
pub(super) struct Switchboard(Arc<Mutex<Vec<Weak<Switch>>>>);

impl Switchboard {
    fn add(&self, switch: &Arc<Switch>) {
        let mut switches = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if switches.len() == switches.capacity() {
            switches.retain(|switch| switch.strong_count() > 0);
        }
        switches.push(Arc::downgrade(switch));
    }

    pub(super) fn cut_all(&self) {
        let switches = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for switch in switches.iter().filter_map(Weak::upgrade) {
            switch.cut.store(true, Ordering::Release);
            switch.waker.wake();
        }
    }
}

/// A TCP listener whose connections can be cut.
pub(super) struct Lines {
    pub(super) listener: TcpListener,
    pub(super) switchboard: Switchboard,
}

impl Listener for Lines {
    type Io = Line;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Line, SocketAddr) {
        loop {
            match self.listener.accept().await {
                Ok((stream, address)) => {
                    // Failing to set it costs some milliseconds, nothing else.
                    let _ = stream.set_nodelay(true);
                    let switch = Arc::new(Switch::default());
                    self.switchboard.add(&switch);
                    let flood = None;
                    return (
                        Line {
                            stream,
                            switch,
                            flood,
                        },
                        address,
                    );
                }
                // Out of file handles, or the peer is gone again: others may come.
                Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            }
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

/// A TCP connection that can be cut.
pub(super) struct Line {
    stream: TcpStream,
    switch: Arc<Switch>,
    flood: Option<Flood>,
}

/// Headers that never end.
struct Flood {
    /// What is left of the piece that is being written.
    piece: &'static [u8],
    pause: Pin<Box<Sleep>>,
}

impl Line {
    /// Writes headers for as long as somebody takes them. Called where the connection would be read:
    /// what serves it reads on while it waits for an answer.
    fn poll_flood(&mut self, rate: u32, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        const START: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n";
        const HEADER: &[u8] = b"x-padding: 01234567890123456789012345678901234567890123456789\r\n";
        let flood = self.flood.get_or_insert_with(|| Flood {
            piece: START,
            pause: Box::pin(sleep(Duration::ZERO)),
        });
        loop {
            if rate > 0 && flood.pause.as_mut().poll(cx).is_pending() {
                return Poll::Pending;
            }
            let written = match Pin::new(&mut self.stream).poll_write(cx, flood.piece) {
                Poll::Ready(written) => written?,
                Poll::Pending => return Poll::Pending,
            };
            flood.piece = flood.piece.get(written..).unwrap_or_default();
            if flood.piece.is_empty() {
                flood.piece = HEADER;
            }
            if rate > 0 {
                let pause = Duration::from_secs(written as u64) / rate;
                flood.pause.as_mut().reset(Instant::now() + pause);
            }
        }
    }

    fn check(&self) -> io::Result<()> {
        if self.switch.cut.load(Ordering::Acquire) {
            return Err(io::Error::from(io::ErrorKind::ConnectionReset));
        }
        Ok(())
    }
}

impl AsyncRead for Line {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.switch.waker.register(cx.waker());
        self.check()?;
        if let Some(rate) = self.switch.flood.get().copied() {
            return self.poll_flood(rate, cx);
        }
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for Line {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.check()?;
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.check()?;
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.check()?;
        Pin::new(&mut self.stream).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}

impl Connected<IncomingStream<'_, Lines>> for Peer {
    fn connect_info(stream: IncomingStream<'_, Lines>) -> Self {
        Self {
            address: *stream.remote_addr(),
            switch: Arc::clone(&stream.io().switch),
        }
    }
}
