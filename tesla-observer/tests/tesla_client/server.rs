//! A server that answers as a test says, over HTTP/1.1 and HTTP/2, and remembers what it was asked.

use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Request, Response, Version};
use reqwest::Url;
use tesla_observer::fetch::Vehicle;
use tesla_observer::fetch::tesla::{Account, Api, Settings, Tesla, TokenStore, Tokens};
use tokio::net::TcpListener;

/// What was asked.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) version: Version,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Asked {
    pub(crate) fn bearer(&self) -> &str {
        let value = self
            .headers
            .get("authorization")
            .and_then(|value| value.to_str().ok());
        value
            .and_then(|value| value.strip_prefix("Bearer "))
            .unwrap_or_default()
    }

    pub(crate) fn is_token(&self) -> bool {
        self.path == "/oauth2/v3/token"
    }

    /// A field of the form that was sent.
    pub(crate) fn form(&self, key: &str) -> Option<String> {
        let url = Url::parse(&format!("x://x/?{}", self.body)).expect("a form");
        url.query_pairs()
            .find(|(k, _)| k == key)
            .map(|(_, value)| value.into_owned())
    }
}

/// How it is answered.
pub(crate) enum Reply {
    Answer {
        status: u16,
        headers: Vec<(&'static str, String)>,
        body: Body,
    },
    Never,
}

impl Reply {
    pub(crate) fn json(status: u16, body: impl ToString) -> Self {
        Self::text(status, body.to_string()).with("content-type", "application/json")
    }

    pub(crate) fn text(status: u16, body: impl Into<Body>) -> Self {
        Self::Answer {
            status,
            headers: Vec::new(),
            body: body.into(),
        }
    }

    pub(crate) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        if let Self::Answer { headers, .. } = &mut self {
            headers.push((name, value.into()));
        }
        self
    }
}

pub(crate) struct Server {
    pub(crate) url: Url,
    asked: Arc<Mutex<Vec<Asked>>>,
    task: tokio::task::JoinHandle<()>,
}

impl Server {
    pub(crate) async fn start(answer: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let asked = Arc::new(Mutex::new(Vec::new()));
        let remembered = Arc::clone(&asked);
        let answer = Arc::new(answer);
        let app = Router::new().fallback(move |request: Request<Body>| {
            let (remembered, answer) = (Arc::clone(&remembered), Arc::clone(&answer));
            async move {
                let asked = read(request).await;
                remembered.lock().expect("not poisoned").push(asked.clone());
                respond(answer(&asked)).await
            }
        });
        let task = tokio::spawn(async move {
            axum::serve(listener, app).await.expect("served");
        });
        let url = Url::parse(&format!("http://{address}")).expect("a URL");
        Self { url, asked, task }
    }

    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().expect("not poisoned").clone()
    }

    pub(crate) fn token_requests(&self) -> usize {
        self.asked().iter().filter(|asked| asked.is_token()).count()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn read(request: Request<Body>) -> Asked {
    let (parts, body) = request.into_parts();
    let body: Bytes = axum::body::to_bytes(body, 1 << 20)
        .await
        .expect("a small body");
    Asked {
        method: parts.method.to_string(),
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().unwrap_or_default().to_owned(),
        version: parts.version,
        headers: parts.headers,
        body: String::from_utf8(body.to_vec()).expect("text"),
    }
}

async fn respond(reply: Reply) -> Response<Body> {
    match reply {
        Reply::Never => std::future::pending().await,
        Reply::Answer {
            status,
            headers,
            body,
        } => {
            let mut response = Response::new(body);
            *response.status_mut() = status.try_into().expect("a status");
            for (name, value) in headers {
                let value = HeaderValue::from_str(&value).expect("a header");
                response
                    .headers_mut()
                    .append(HeaderName::from_static(name), value);
            }
            response
        }
    }
}

pub(crate) const ACCESS: &str = "eyJhbGciOiJub25lIn0.first-access-secret.c2ln";
pub(crate) const REFRESH: &str = "EU_first-refresh-secret";

/// Settings that ask this server for everything.
pub(crate) fn settings(server: &Server) -> Settings {
    Settings {
        api_host: Some(server.url.clone()),
        auth_host: Some(server.url.clone()),
        // Longer than any test: whoever waits for it is stuck.
        timeout: Duration::from_secs(60),
        ..Settings::default()
    }
}

pub(crate) fn fleet() -> Api {
    Api::Fleet {
        client_id: "an-app".to_owned(),
        client_secret: Some("app-secret-value".into()),
        redirect_uri: Some("https://app.example/callback".to_owned()),
    }
}

/// An account whose access token has this much left of its eight hours.
pub(crate) fn account(api: Api, left: Duration) -> Account {
    let expires_at = SystemTime::now() + left;
    Account {
        name: "elon@example.com".to_owned(),
        api,
        region: None,
        api_host: None,
        auth_host: None,
        tokens: Tokens {
            access_token: ACCESS.into(),
            refresh_token: Some(REFRESH.into()),
            previous_refresh_token: None,
            obtained_at: expires_at - Duration::from_secs(28_800),
            expires_at,
        },
    }
}

pub(crate) const GOOD: Duration = Duration::from_secs(28_000);

/// A client with a good token for this API.
pub(crate) fn client(server: &Server, api: Api) -> Tesla {
    Tesla::new(
        settings(server),
        account(api, GOOD),
        TokenStore::in_memory(),
    )
    .expect("a client")
}

pub(crate) fn vehicle() -> Vehicle {
    Vehicle {
        vin: "LRW3E7FA9MC000001".to_owned(),
        display_name: Some("Blue".to_owned()),
        id: "1492931365719407001".to_owned(),
    }
}

/// Tokens as the auth host gives them.
pub(crate) fn tokens(access: &str, refresh: Option<&str>) -> Reply {
    let mut body =
        serde_json::json!({"access_token": access, "expires_in": 28_800, "token_type": "Bearer"});
    if let Some(refresh) = refresh {
        body["refresh_token"] = refresh.into();
    }
    Reply::json(200, body)
}

pub(crate) fn state(state: &str) -> Reply {
    Reply::json(
        200,
        serde_json::json!({"response": {"id_s": "1", "state": state, "in_service": false}}),
    )
}

pub(crate) fn tesla_error(status: u16, error: &str) -> Reply {
    Reply::json(
        status,
        serde_json::json!({"response": null, "error": error, "error_description": ""}),
    )
}
