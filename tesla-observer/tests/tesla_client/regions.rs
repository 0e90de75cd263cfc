//! The account's region: found, followed, and never somewhere else.

use tesla_observer::fetch::tesla::Api;
use tesla_observer::fetch::{Availability, Next, Problem, VehicleFetcher as _};

use crate::server::*;

fn out_of_region(base: &str) -> Reply {
    tesla_error(
        421,
        &format!("user out of region, use base URL: {base}, see https://developer.tesla.com/docs"),
    )
}

#[tokio::test]
async fn the_client_follows_the_account_to_its_region_once() {
    let right = Server::start(|_| state("online")).await;
    let base = right.url.to_string().trim_end_matches('/').to_owned();
    let wrong = Server::start(move |_| out_of_region(&base)).await;
    let tesla = client(&wrong, fleet());
    for _ in 0..3 {
        assert_eq!(
            tesla.availability(&vehicle()).await,
            Ok(Availability::Online)
        );
    }
    assert_eq!((wrong.asked().len(), right.asked().len()), (1, 3));
    assert_eq!(right.asked()[0].bearer(), ACCESS);
}

#[tokio::test]
async fn two_regions_that_send_on_to_each_other_end_in_an_error() {
    let server = Server::start(|asked| {
        let host = asked.headers["host"].to_str().expect("text");
        out_of_region(&format!("http://{host}"))
    })
    .await;
    let error = client(&server, fleet())
        .availability(&vehicle())
        .await
        .expect_err("nowhere");
    assert_eq!(
        (error.problem, error.next),
        (Problem::WrongRegion, Next::Stop)
    );
    assert_eq!(server.asked().len(), 2);
}

#[tokio::test]
async fn the_token_is_not_sent_where_a_body_says() {
    for base in ["https://evil.example", "http://10.0.0.1", "nonsense"] {
        let server = Server::start(move |_| out_of_region(base)).await;
        let error = client(&server, fleet())
            .availability(&vehicle())
            .await
            .expect_err("not followed");
        assert_eq!(error.problem, Problem::WrongRegion, "{base}");
        assert_eq!(server.asked().len(), 1, "{base}");
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed_with_the_token() {
    let elsewhere = Server::start(|_| state("online")).await;
    let to = elsewhere
        .url
        .join("/api/1/vehicles/1")
        .expect("a URL")
        .to_string();
    for status in [301, 302, 307, 308] {
        let to = to.clone();
        let server =
            Server::start(move |_| Reply::text(status, "").with("location", to.clone())).await;
        let error = client(&server, Api::Owner)
            .availability(&vehicle())
            .await
            .expect_err("not followed");
        assert_eq!(error.problem, Problem::Blocked, "{status}");
        assert!(error.to_string().contains("127.0.0.1"), "{error}");
    }
    assert_eq!(elsewhere.asked().len(), 0);
}
