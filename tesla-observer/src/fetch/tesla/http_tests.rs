use axum::Router;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use super::*;

/// A server over HTTP/2, behind a way whose connections can die as behind a router that forgot
/// them: they stay open, and nothing comes through any more. Later ones are whole.
async fn behind_a_mortal_way() -> (Url, watch::Sender<usize>) {
    let server = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let to = server.local_addr().expect("bound");
    tokio::spawn(async move { axum::serve(server, Router::new()).await });
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("bound");
    let (deaths, died) = watch::channel(0);
    tokio::spawn(async move {
        while let Ok((mut near, _)) = listener.accept().await {
            let mut died = died.clone();
            died.mark_unchanged();
            tokio::spawn(async move {
                let mut far = TcpStream::connect(to).await.expect("it listens");
                tokio::select! {
                    _ = tokio::io::copy_bidirectional(&mut near, &mut far) => return,
                    _ = died.changed() => {}
                }
                std::future::pending::<()>().await;
            });
        }
    });
    let url = format!("http://{address}/").parse().expect("a URL");
    (url, deaths)
}

#[tokio::test]
async fn a_connection_that_has_died_without_a_word_costs_one_request() {
    let (url, deaths) = behind_a_mortal_way().await;
    let settings = Settings {
        timeout: Duration::from_millis(1_500),
        ..Settings::default()
    };
    let http = Http::for_auth(&settings, &url).expect("a client");
    let ask = || {
        http.ask(Question {
            doing: "asking",
            method: "GET",
            url: url.clone(),
            route: "/",
            bearer: None,
            form: None,
        })
    };
    assert_eq!(ask().await.expect("an answer").status, 404);
    deaths.send_replace(1);
    assert!(ask().await.is_err());
    assert_eq!(ask().await.expect("over a new connection").status, 404);
}
