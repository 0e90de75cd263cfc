//! The path that fails as it is told: the faults' tests believe it.

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use metric_tests::proxy::{Path, Proxy};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

const BRIEF: Duration = Duration::from_millis(200);

/// A server that sends back what it gets.
async fn echo() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("it is bound");
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let (mut from, mut to) = stream.split();
                tokio::io::copy(&mut from, &mut to).await
            });
        }
    });
    address
}

/// A connection through a proxy, over which something has gone already.
async fn connected(proxy: &Proxy) -> TcpStream {
    let mut stream = TcpStream::connect(proxy.address()).await.expect("a way");
    assert_eq!(
        said(&mut stream, b"hello").await.expect("an echo"),
        b"hello"
    );
    stream
}

/// What comes back.
async fn said(stream: &mut TcpStream, text: &[u8]) -> std::io::Result<Vec<u8>> {
    stream.write_all(text).await?;
    let mut back = vec![0; text.len()];
    stream.read_exact(&mut back).await?;
    Ok(back)
}

#[tokio::test]
async fn a_reset_comes_after_so_many_bytes_and_is_one() {
    let proxy = Proxy::start(echo().await, 1).await;
    let mut stream = connected(&proxy).await;
    proxy.set(Path::Reset(3));
    stream.write_all(b"abcdef").await.expect("it takes it");
    let mut back = Vec::new();
    let error = stream.read_to_end(&mut back).await.expect_err("a reset");
    assert_eq!(error.kind(), ErrorKind::ConnectionReset);
    assert!(back.len() <= 3, "{back:?}");
    assert_eq!(proxy.answered(), 5 + 3);
}

#[tokio::test]
async fn an_early_end_looks_like_a_whole_answer() {
    let proxy = Proxy::start(echo().await, 1).await;
    let mut stream = connected(&proxy).await;
    proxy.set(Path::End(3));
    stream.write_all(b"abcdef").await.expect("it takes it");
    let mut back = Vec::new();
    stream.read_to_end(&mut back).await.expect("an end");
    assert_eq!(back, b"abc");
}

#[tokio::test]
async fn what_is_swallowed_is_never_answered_and_nobody_hangs_up() {
    let proxy = Proxy::start(echo().await, 1).await;
    let mut old = connected(&proxy).await;
    proxy.set(Path::Swallow);
    let mut new = TcpStream::connect(proxy.address()).await.expect("a way");
    for stream in [&mut old, &mut new] {
        let silence = timeout(BRIEF, said(stream, b"is anybody there?")).await;
        assert!(silence.is_err(), "{silence:?}");
    }
}

#[tokio::test]
async fn nobody_listens_when_it_refuses_and_the_same_port_opens_again() {
    let proxy = Proxy::start(echo().await, 1).await;
    let mut open = connected(&proxy).await;
    proxy.set(Path::Refuse);
    assert!(said(&mut open, b"x").await.is_err(), "it is cut");
    // The listener is closed a moment later.
    let refused = async {
        while TcpStream::connect(proxy.address()).await.is_ok() {
            tokio::task::yield_now().await;
        }
    };
    timeout(Duration::from_secs(10), refused)
        .await
        .expect("refused");
    proxy.set(Path::Pass);
    let again = async {
        while TcpStream::connect(proxy.address()).await.is_err() {
            tokio::task::yield_now().await;
        }
    };
    timeout(Duration::from_secs(10), again).await.expect("open");
    connected(&proxy).await;
}

#[tokio::test]
async fn late_and_slow_answers_are_whole() {
    let proxy = Proxy::start(echo().await, 1).await;
    let mut stream = connected(&proxy).await;
    for path in [
        Path::Late {
            first: BRIEF,
            each: Duration::ZERO,
        },
        Path::Trickle(100),
    ] {
        proxy.set(path.clone());
        let started = Instant::now();
        let text = [7; 40];
        assert_eq!(said(&mut stream, &text).await.expect("an echo"), text);
        assert!(started.elapsed() >= BRIEF, "{path:?}");
    }
}

#[tokio::test]
async fn a_hello_that_is_cut_gets_no_answer() {
    let proxy = Proxy::start(echo().await, 1).await;
    proxy.set(Path::CutHello);
    let mut stream = TcpStream::connect(proxy.address()).await.expect("a way");
    assert!(said(&mut stream, b"hello").await.is_err());
}

#[tokio::test]
async fn chance_is_the_same_for_the_same_seed() {
    let target = echo().await;
    let run = async |seed| {
        let proxy = Proxy::start(target, seed).await;
        proxy.set(Path::OneOf(vec![(1, Path::Pass), (1, Path::CutHello)]));
        let mut passed = Vec::new();
        for _ in 0..24 {
            let mut stream = TcpStream::connect(proxy.address()).await.expect("a way");
            passed.push(said(&mut stream, b"hello").await.is_ok());
        }
        passed
    };
    let first = run(1).await;
    assert_eq!(first, run(1).await);
    assert_ne!(first, run(2).await);
    assert!(first.contains(&true) && first.contains(&false));
}

/// Waits until the proxy says so.
async fn until_asked(proxy: &Proxy, is_asked: bool) {
    let told = async {
        while proxy.is_asked() != is_asked {
            tokio::task::yield_now().await;
        }
    };
    timeout(Duration::from_secs(10), told)
        .await
        .expect("it knows who spoke last");
}

#[tokio::test]
async fn it_is_known_whether_an_answer_is_awaited_that_may_come() {
    let silent = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = silent.local_addr().expect("it is bound");
    let proxy = Proxy::start(address, 1).await;
    let mut stream = TcpStream::connect(proxy.address()).await.expect("a way");
    let (mut server, _) = silent.accept().await.expect("the proxy comes");
    assert!(!proxy.is_asked());
    stream.write_all(b"well?").await.expect("it takes it");
    until_asked(&proxy, true).await;
    server.write_all(b"yes").await.expect("it takes it");
    until_asked(&proxy, false).await;
    assert_eq!(proxy.moved(), 5 + 3);
    stream.write_all(b"really?").await.expect("it takes it");
    until_asked(&proxy, true).await;
    // Nothing that comes now gets through.
    proxy.set(Path::Swallow);
    until_asked(&proxy, false).await;
    proxy.set(Path::Pass);
    stream.write_all(b"and now?").await.expect("it takes it");
    until_asked(&proxy, true).await;
    drop(stream);
    drop(server);
    until_asked(&proxy, false).await;
}
