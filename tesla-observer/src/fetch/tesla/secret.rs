//! What is secret on its way in and out: overwritten when it is dropped.
//!
//! [`SecretString`] does it for what is kept. What TLS, HTTP/2 and the system copy is theirs.

use bytes::Bytes;
use reqwest::header::{HeaderValue, InvalidHeaderValue};
use secrecy::zeroize::{Zeroize as _, Zeroizing};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;
use url::form_urlencoded::Serializer;

/// A form, as it is sent.
pub(super) fn form(fields: &[(&str, &str)]) -> Bytes {
    // Escaped, a byte has three: nothing has to be moved to a larger place.
    let longest = fields
        .iter()
        .map(|(key, value)| 3 * (key.len() + value.len()) + 2);
    let mut form = Zeroizing::new(String::with_capacity(longest.sum()));
    Serializer::new(&mut *form).extend_pairs(fields);
    Bytes::from_owner(form)
}

/// The value of `Authorization`, which logs do not show.
pub(super) fn bearer(token: &SecretString) -> Result<HeaderValue, InvalidHeaderValue> {
    let value = Zeroizing::new(["Bearer ", token.expose_secret()].concat());
    let mut value = HeaderValue::from_maybe_shared(Bytes::from_owner(value))?;
    value.set_sensitive(true);
    Ok(value)
}

/// A document that has secrets among its texts.
pub(super) struct Wiped(pub(super) Value);

impl Drop for Wiped {
    fn drop(&mut self) {
        wipe(&mut self.0);
    }
}

fn wipe(value: &mut Value) {
    match value {
        Value::String(text) => text.zeroize(),
        Value::Array(values) => values.iter_mut().for_each(wipe),
        Value::Object(values) => values.values_mut().for_each(wipe),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use secrecy::zeroize::ZeroizeOnDrop;

    use super::super::account::Tokens;
    use super::*;

    #[test]
    fn a_form_is_sent_as_forms_are() {
        let form = form(&[("scope", "a b"), ("refresh_token", "NA_x+/=&ü")]);
        assert_eq!(&*form, b"scope=a+b&refresh_token=NA_x%2B%2F%3D%26%C3%BC");
    }

    #[test]
    fn the_authorization_is_not_shown_and_must_be_one_line() {
        let value = bearer(&"a-token".into()).expect("a header");
        assert_eq!(value.as_bytes(), b"Bearer a-token");
        assert!(!format!("{value:?}").contains("a-token"));
        bearer(&"a\ntoken".into()).expect_err("two lines");
    }

    #[test]
    fn all_texts_of_a_document_are_overwritten() {
        let mut json = serde_json::json!({"a": "secret", "b": [{"c": "secret"}, 1, null]});
        wipe(&mut json);
        assert_eq!(
            json,
            serde_json::json!({"a": "", "b": [{"c": ""}, 1, null]})
        );
    }

    #[test]
    fn what_is_kept_is_overwritten_when_it_is_dropped() {
        fn is_overwritten(_: &impl ZeroizeOnDrop) {}
        let Tokens {
            access_token,
            refresh_token,
            previous_refresh_token,
            ..
        } = Tokens {
            access_token: "a".into(),
            refresh_token: Some("b".into()),
            previous_refresh_token: Some("c".into()),
            obtained_at: std::time::UNIX_EPOCH,
            expires_at: std::time::UNIX_EPOCH,
        };
        is_overwritten(&access_token);
        is_overwritten(&refresh_token.expect("given"));
        is_overwritten(&previous_refresh_token.expect("given"));
    }
}
