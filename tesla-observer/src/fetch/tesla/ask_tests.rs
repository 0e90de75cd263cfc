use std::sync::{Arc, Mutex as StdMutex};

use axum::Router;
use axum::http::{StatusCode, Uri};

use super::super::settings::Api;
use super::*;

/// A server on this machine that answers each path as told, and says what it was asked.
async fn server(
    answer: impl Fn(&str) -> (u16, String) + Clone + Send + Sync + 'static,
) -> (Url, Arc<StdMutex<Vec<String>>>) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let asked: Arc<StdMutex<Vec<String>>> = Arc::default();
    let remembered = Arc::clone(&asked);
    let app = Router::new().fallback(move |uri: Uri| {
        remembered
            .lock()
            .expect("not poisoned")
            .push(uri.path().to_owned());
        let (status, body) = answer(uri.path());
        async move { (StatusCode::from_u16(status).expect("a status"), body) }
    });
    tokio::spawn(async move { axum::serve(listener, app).await });
    (Url::parse(&url).expect("a URL"), asked)
}

/// A Fleet client that does not know its region.
fn lost(anywhere: &Url) -> Asker {
    let settings = Settings {
        api: Api::Fleet {
            client_id: "an-app".to_owned(),
            client_secret: None,
            redirect_uri: None,
        },
        ..Settings::default()
    };
    Asker::new(&settings, None, anywhere.clone(), With::Fleet, true, |_| {
        TokenSource::Fixed("a-fleet-token".into())
    })
    .expect("an asker")
}

fn question() -> Asked<'static> {
    Asked {
        doing: "asking".to_owned(),
        about: "",
        route: "/api/1/vehicles",
        segments: &["api", "1", "vehicles"],
        query: None,
    }
}

#[tokio::test]
async fn the_region_is_asked_for_once_and_then_known() {
    let (home, asked_home) = server(|_| (200, "home".to_owned())).await;
    let base = home.to_string();
    let (anywhere, asked_anywhere) = server(move |_| {
        let region = serde_json::json!({"response": {"region": "eu", "fleet_api_base_url": base}});
        (200, region.to_string())
    })
    .await;
    let asker = lost(&anywhere);
    for _ in 0..3 {
        assert_eq!(
            asker
                .ask(&question(), |body| Some(body.to_owned()))
                .await
                .expect("a body"),
            "home"
        );
    }
    assert_eq!(
        *asked_anywhere.lock().expect("not poisoned"),
        [USERS_REGION]
    );
    assert_eq!(asked_home.lock().expect("not poisoned").len(), 3);
}

#[tokio::test]
async fn a_region_elsewhere_than_at_tesla_is_not_believed() {
    for base in ["https://evil.example", "", "http://10.1.2.3"] {
        let body = serde_json::json!({"response": {"fleet_api_base_url": base}}).to_string();
        let (anywhere, asked) = server(move |_| (200, body.clone())).await;
        let error = lost(&anywhere)
            .ask(&question(), |body| Some(body.to_owned()))
            .await
            .expect_err("not believed");
        assert_eq!(error.problem, Problem::Unreadable, "{base}");
        assert_eq!(error.doing, "finding the account's region");
        assert_eq!(asked.lock().expect("not poisoned").len(), 1);
    }
}

#[tokio::test]
async fn the_region_can_be_told_by_a_421_and_a_bad_token_is_said_to_be_one() {
    let (home, _) = server(|_| (200, "home".to_owned())).await;
    let base = home.to_string();
    let (anywhere, _) = server(move |_| (421, format!("use base URL: {base}"))).await;
    assert_eq!(
        lost(&anywhere)
            .ask(&question(), |body| Some(body.to_owned()))
            .await
            .expect("a body"),
        "home"
    );

    let (anywhere, _) = server(|_| (401, String::new())).await;
    let error = lost(&anywhere)
        .ask(&question(), |body| Some(body.to_owned()))
        .await
        .expect_err("refused");
    assert_eq!(
        (error.problem, error.doing.as_str()),
        (Problem::Unauthorized, "asking")
    );
}

#[tokio::test]
async fn a_fleet_account_without_a_region_asks_at_tesla_and_an_owner_account_knows_its_host() {
    let base = |api: Api, token: &str, region| {
        let settings = Settings {
            api,
            region,
            token: Some(token.into()),
            ..Settings::default()
        };
        let asker = Asker::with_fixed_token(settings).expect("an asker");
        let anywhere = asker.anywhere.host_str().unwrap_or_default().to_owned();
        let base = asker
            .base
            .try_read()
            .expect("free")
            .as_ref()
            .and_then(|url| url.host_str().map(str::to_owned));
        (base, anywhere)
    };
    let fleet = || Api::Fleet {
        client_id: "x".to_owned(),
        client_secret: None,
        redirect_uri: None,
    };
    assert_eq!(
        base(fleet(), "t", None),
        (None, "fleet-api.prd.na.vn.cloud.tesla.com".to_owned())
    );
    assert_eq!(
        base(fleet(), "cn-t", None).0.as_deref(),
        Some("fleet-api.prd.cn.vn.cloud.tesla.cn")
    );
    assert_eq!(
        base(fleet(), "t", Some(Region::Europe)).0.as_deref(),
        Some("fleet-api.prd.eu.vn.cloud.tesla.com")
    );
    assert_eq!(
        base(Api::Owner, "t", None).0.as_deref(),
        Some("owner-api.teslamotors.com")
    );
    assert_eq!(
        base(Api::Owner, "cn-t", None).0.as_deref(),
        Some("owner-api.vn.cloud.tesla.cn")
    );
}
