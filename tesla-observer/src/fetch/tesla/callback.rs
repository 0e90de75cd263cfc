//! What the owner pastes after the login: the address that the browser was sent to.

use std::error::Error;
use std::fmt;

use reqwest::Url;
use secrecy::SecretString;
use secrecy::zeroize::Zeroizing;
use url::form_urlencoded;

use super::words::quote;

/// What the address holds.
#[derive(Debug)]
pub struct Callback {
    /// Worth a token for some minutes.
    pub code: SecretString,
    /// Which login it belongs to.
    pub state: SecretString,
    /// Who gave the code, as the address says it: not to be trusted.
    pub issuer: Option<Url>,
}

/// Why what was pasted is not the address that the login ended at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PasteError {
    /// Nothing but space.
    Nothing,
    /// The address of the login page, from before the login.
    LoginPage,
    /// Tesla says that the login failed.
    Refused(String),
    /// An address, or half of one, without the code.
    NoCode,
    /// The code without the state that belongs to it.
    NoState,
    /// An address of another login than this one.
    OtherLogin,
}

impl fmt::Display for PasteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nothing => f.write_str("nothing was pasted: copy the whole address from the browser's address bar after the login, it begins with tesla://auth/callback or your redirect URI"),
            Self::LoginPage => f.write_str("this is the address of the login page: log in there first, then copy the address that the browser shows afterwards"),
            Self::Refused(error) => write!(f, "Tesla says that the login failed ({error}): start again, and allow the access when asked"),
            Self::NoCode => f.write_str("there is no code in it: copy the whole address, with everything after the question mark"),
            Self::NoState => f.write_str("there is no state in it: copy the whole address, up to its end"),
            Self::OtherLogin => f.write_str("it belongs to another login than this one: start again, and use the address of the newest login page"),
        }
    }
}

impl Error for PasteError {}

/// Reads what was pasted: an address, its query only, or a browser's message around it.
///
/// # Errors
///
/// Why it is not the address that a login ended at.
pub fn parse_callback(pasted: &str) -> Result<Callback, PasteError> {
    // Terminals and mail programs break long lines.
    let mut joined = Zeroizing::new(String::with_capacity(pasted.len()));
    joined.extend(pasted.chars().filter(|c| !c.is_control()));
    let quotes = ['"', '\'', '`', '<', '>', '“', '”', '‘', '’'];
    let mut pieces: Vec<&str> = joined
        .split(|c: char| c.is_whitespace() || quotes.contains(&c))
        .filter(|piece| !piece.is_empty())
        .collect();
    if pieces.is_empty() {
        return Err(PasteError::Nothing);
    }
    // The piece that has the most of what is looked for.
    let worth = |piece: &&str| {
        let parameters = parameters(piece);
        let has = |key: &str| parameters.iter().any(|(k, _)| k == key);
        u8::from(has("code")) * 4 + u8::from(has("error")) * 2 + u8::from(piece.contains("://"))
    };
    pieces.reverse();
    let piece = pieces.into_iter().max_by_key(worth).unwrap_or_default();
    let parameters = parameters(piece);
    let parameter = |key: &str| {
        let found = parameters.iter().find(|(k, _)| k == key);
        found
            .map(|(_, value)| value.trim())
            .filter(|value| !value.is_empty())
    };
    if let Some(error) = parameter("error") {
        let said = [Some(error), parameter("error_description")];
        let said: Vec<&str> = said.into_iter().flatten().collect();
        return Err(PasteError::Refused(quote(&said.join(": "))));
    }
    let Some(code) = parameter("code") else {
        let login_page = piece.contains("/authorize") || parameter("response_type").is_some();
        return Err(if login_page {
            PasteError::LoginPage
        } else {
            PasteError::NoCode
        });
    };
    Ok(Callback {
        code: code.into(),
        state: parameter("state").ok_or(PasteError::NoState)?.into(),
        issuer: parameter("issuer")
            .or(parameter("iss"))
            .and_then(|issuer| Url::parse(issuer).ok()),
    })
}

/// The parameters of an address, or of the query alone.
fn parameters(piece: &str) -> Vec<(String, Zeroizing<String>)> {
    let query = piece.split_once('?').map_or(piece, |(_, query)| query);
    let query = query.split('#').next().unwrap_or_default();
    form_urlencoded::parse(query.as_bytes())
        .map(|(key, value)| (key.into_owned(), Zeroizing::new(value.into_owned())))
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use secrecy::ExposeSecret as _;

    use super::*;

    const GOOD: &str = "tesla://auth/callback?locale=en-US&code=NA_abc%2D1&state=st4te&issuer=https%3A%2F%2Fauth.tesla.com%2Foauth2%2Fv3";

    #[test]
    fn the_address_is_understood_however_it_is_pasted() {
        let query = GOOD.split_once('?').expect("a query").1;
        for pasted in [
            GOOD.to_owned(),
            format!("  \"{GOOD}\" \r\n"),
            format!("'{GOOD}'"),
            format!("<{GOOD}>"),
            format!("{GOOD}#fragment"),
            format!("{}\n{}", &GOOD[..40], &GOOD[40..]),
            query.to_owned(),
            format!("?{query}"),
            format!("https://app.example/callback?{query}"),
            format!(
                "Failed to launch '{GOOD}' because the scheme does not have a registered handler."
            ),
            format!("https://auth.tesla.com/oauth2/v3/authorize?response_type=code {GOOD}"),
        ] {
            let callback =
                parse_callback(&pasted).unwrap_or_else(|error| panic!("{pasted}: {error}"));
            assert_eq!(callback.code.expose_secret(), "NA_abc-1", "{pasted}");
            assert_eq!(callback.state.expose_secret(), "st4te", "{pasted}");
            let issuer = callback.issuer.expect("an issuer");
            assert_eq!(issuer.host_str(), Some("auth.tesla.com"), "{pasted}");
        }
    }

    #[test]
    fn each_wrong_paste_is_explained() {
        for (pasted, error) in [
            ("", PasteError::Nothing),
            (" \"\" \n", PasteError::Nothing),
            (
                "https://auth.tesla.com/oauth2/v3/authorize?client_id=ownerapi&response_type=code&code_challenge=x&state=s",
                PasteError::LoginPage,
            ),
            (
                "https://auth.tesla.com/oauth2/v3/authorize",
                PasteError::LoginPage,
            ),
            (
                "tesla://auth/callback?error=access_denied&error_description=user%20said%20no&state=s",
                PasteError::Refused("access_denied: user said no".to_owned()),
            ),
            ("tesla://auth/callback", PasteError::NoCode),
            ("tesla://auth/callback?code=&state=s", PasteError::NoCode),
            ("hello", PasteError::NoCode),
            ("tesla://auth/callback?code=abc", PasteError::NoState),
        ] {
            assert_eq!(parse_callback(pasted).expect_err(pasted), error, "{pasted}");
            assert!(error.to_string().len() > 30);
        }
    }

    #[test]
    fn neither_the_code_nor_the_state_is_shown() {
        let callback = parse_callback(GOOD).expect("good");
        for secret in ["abc", "st4te"] {
            assert!(!format!("{callback:?}").contains(secret), "{callback:?}");
        }
    }

    proptest! {
        #[test]
        fn no_paste_panics_and_no_error_shows_a_token(
            text in "\\PC{0,200}",
            middle in "[A-Za-z0-9_-]{20,80}",
        ) {
            for pasted in [
                text.clone(),
                format!("tesla://auth/callback?{text}"),
                format!("tesla://auth/callback?code=NA_{middle}0&{text}"),
                format!("tesla://auth/callback?error=eyJ{middle}&{text}"),
            ] {
                if let Err(error) = parse_callback(&pasted) {
                    let shown = format!("{error} {error:?}");
                    prop_assert!(!shown.contains(&middle), "{}", shown);
                }
            }
        }
    }
}
