//! The first paragraph of a doc comment.

use syn::{Attribute, Expr, Lit, Meta};

/// The first paragraph of the doc comment, its lines joined by spaces; empty if there is none.
///
/// Documentation that is not literal text (`#[doc = include_str!(…)]`) is not known to a macro,
/// and ends the paragraph.
pub(crate) fn first_paragraph(attributes: &[Attribute]) -> String {
    let mut paragraph: Vec<String> = Vec::new();
    for attribute in attributes
        .iter()
        .filter(|attribute| attribute.path().is_ident("doc"))
    {
        // `#[doc(hidden)]` and the like are no text.
        let Meta::NameValue(pair) = &attribute.meta else {
            continue;
        };
        let text = text(&pair.value);
        for line in lines(&text) {
            if !line.is_empty() {
                paragraph.push(line.to_owned());
            } else if !paragraph.is_empty() {
                return paragraph.join(" ");
            }
        }
    }
    paragraph.join(" ")
}

fn text(value: &Expr) -> String {
    match value {
        Expr::Lit(literal) => match &literal.lit {
            Lit::Str(text) => text.value(),
            _ => String::new(),
        },
        Expr::Group(group) => text(&group.expr),
        _ => String::new(),
    }
}

/// The lines of one comment, without the stars that a `/** … */` has in front of them. An empty
/// comment is an empty line.
fn lines(text: &str) -> Vec<&str> {
    let mut lines: Vec<&str> = text.split('\n').map(str::trim).collect();
    let starred = |line: &&str| line.is_empty() || line.starts_with('*');
    if let Some(following) = lines.get_mut(1..)
        && following.iter().all(starred)
    {
        for line in following {
            *line = line.strip_prefix('*').unwrap_or(line).trim();
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(code: &str) -> String {
        let input: syn::DeriveInput = syn::parse_str(&format!("{code}\nstruct S;")).expect(code);
        first_paragraph(&input.attrs)
    }

    #[test]
    fn the_first_paragraph_ends_at_an_empty_line() {
        assert_eq!(
            of("/// State of\n/// charge.\n///\n/// More."),
            "State of charge."
        );
        assert_eq!(of("///\n/// Late."), "Late.");
        assert_eq!(of("///   Trimmed.  "), "Trimmed.");
        assert_eq!(of(""), "");
    }

    #[test]
    fn block_comments_lose_their_stars() {
        assert_eq!(of("/** One. */"), "One.");
        assert_eq!(of("/** One\n  * two.\n  *\n  * Three. */"), "One two.");
        assert_eq!(of("/**\n One\n two.\n\n Three.\n*/"), "One two.");
        assert_eq!(of("/**\n * One `*` two.\n */"), "One `*` two.");
    }

    #[test]
    fn other_documentation_is_passed_over() {
        assert_eq!(of("#[doc(hidden)]\n/// Text.\n"), "Text.");
        assert_eq!(of("#[doc = include_str!(\"x.md\")]"), "");
        assert_eq!(of("#[doc = \"a\\nb\\n\\nc\"]"), "a b");
        assert_eq!(of("#[doc = 5]"), "");
    }
}
