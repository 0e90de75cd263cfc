//! How an account's files are called.

/// A name's longest file name, so that it fits every file system with its suffixes.
const LONGEST_NAME: usize = 200;
const SUFFIX: &str = ".json";
/// How many hexadecimal digits end a temporary file's name.
const DIGITS: usize = 16;

/// Mail addresses are the same in any case.
pub(super) fn normal(name: &str) -> String {
    name.trim().to_lowercase()
}

/// The account's file: what could mean something to a file system is written as `%XX`.
pub(super) fn file_of_name(name: &str) -> Option<String> {
    let mut file = String::new();
    for (index, byte) in normal(name).bytes().enumerate() {
        match byte {
            b'a'..=b'z' | b'0'..=b'9' | b'@' | b'-' | b'_' | b'+' => file.push(char::from(byte)),
            b'.' if index > 0 => file.push('.'),
            _ => file.push_str(&format!("%{byte:02x}")),
        }
    }
    let fits = !file.is_empty() && file.len() <= LONGEST_NAME;
    fits.then(|| file + SUFFIX)
}

/// The name of the account that has this file; `None` for files that are not an account's.
pub(super) fn name_of_file(file: &str) -> Option<String> {
    let mut bytes = Vec::new();
    let mut rest = file.strip_suffix(SUFFIX)?.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        rest = after;
        if first == b'%' {
            let hex = std::str::from_utf8(rest.get(..2)?).ok()?;
            bytes.push(u8::from_str_radix(hex, 16).ok()?);
            rest = &rest[2..];
        } else {
            bytes.push(first);
        }
    }
    let name = String::from_utf8(bytes).ok()?;
    (file_of_name(&name)? == file).then_some(name)
}

/// The file that is locked by whoever renews the tokens of the account with this file. No account's
/// file ends so.
pub(super) fn lock_of_file(file: &str) -> String {
    format!(".{file}.lock")
}

/// A file to write before it takes the place of this one. `unique` makes it nobody else's.
pub(super) fn temporary_of_file(file: &str, unique: u64) -> String {
    format!(".{file}.{unique:016x}")
}

/// The account's file that this is a temporary one of.
pub(super) fn file_of_temporary(temporary: &str) -> Option<&str> {
    let (file, unique) = temporary.strip_prefix('.')?.rsplit_once('.')?;
    let is_unique = unique.len() == DIGITS && unique.bytes().all(|b| b.is_ascii_hexdigit());
    (is_unique && name_of_file(file).is_some()).then_some(file)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn no_file_is_taken_for_another_kind() {
        let account = file_of_name("a@example.com").expect("a file");
        let (lock, temporary) = (lock_of_file(&account), temporary_of_file(&account, 7));
        assert_eq!(name_of_file(&account).as_deref(), Some("a@example.com"));
        assert_eq!(file_of_temporary(&temporary), Some(account.as_str()));
        for (other, file) in [(&lock, false), (&temporary, false), (&account, true)] {
            assert_eq!(name_of_file(other).is_some(), file, "{other}");
        }
        for other in [&lock, &account, ".json.0000000000000007", ".a.json.7"] {
            assert_eq!(file_of_temporary(other), None, "{other}");
        }
    }

    proptest! {
        #[test]
        fn any_name_is_one_safe_file(name in "\\PC{1,40}") {
            if let Some(file) = file_of_name(&name) {
                prop_assert!(!file.contains(['/', '\\', ':', '\0']) && !file.starts_with('.'));
                prop_assert_eq!(name_of_file(&file), Some(normal(&name)));
                for other in [lock_of_file(&file), temporary_of_file(&file, u64::MAX)] {
                    prop_assert_eq!(name_of_file(&other), None);
                }
            }
        }

        #[test]
        fn no_file_panics(name in ".{0,30}") {
            let _ = name_of_file(&name);
            let _ = file_of_temporary(&name);
        }
    }
}
