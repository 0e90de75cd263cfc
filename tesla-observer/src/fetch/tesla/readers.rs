//! Readers that are this module's own matter, for the fuzz target `answers`.

use std::time::SystemTime;

use reqwest::header::HeaderMap;

use super::account::{Account, Tokens};
use super::exchange::{given, refused};
use super::list;
use crate::fetch::{Listed, Next, Problem};

/// What an answer with the account's list has: its cars, how many cannot be read, and how many entries
/// there are.
pub fn read_list(body: &str) -> Option<(Vec<Listed>, usize, usize)> {
    let page = list::read_page(body)?;
    let broken = page.broken();
    Some((page.cars, broken, page.entries))
}

/// The tokens that an answer of the token endpoint gives.
pub fn read_tokens(body: &str) -> Option<Tokens> {
    Some(given(body)?.into_tokens(None))
}

/// What an answer of the token endpoint means that gives none.
pub fn read_refusal(status: u16, headers: &HeaderMap, body: &str) -> (Problem, String, Next) {
    refused(status, headers, body, SystemTime::UNIX_EPOCH)
}

/// An account, from its file.
///
/// # Errors
///
/// What is wrong, without a word of the file.
pub fn read_account(file: &[u8]) -> Result<Account, String> {
    Account::from_json(file)
}

/// The file of an account; `None` if it cannot be written as one.
pub fn account_file(account: &Account) -> Option<Vec<u8>> {
    account.to_json().ok().map(|json| json.to_vec())
}
