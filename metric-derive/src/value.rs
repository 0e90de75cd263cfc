//! The kinds of value that an option can have.

use proc_macro2::{Ident, Literal, TokenStream};
use quote::{ToTokens, quote};
use syn::{Expr, ExprPath, ExprUnary, Lit, LitStr, Path, UnOp};

use crate::error::{Code, Errors};
use crate::parse::Value;

/// The value of an option that is a text.
pub(crate) fn text(key: &Ident, value: Value, errors: &mut Errors) -> Option<LitStr> {
    let wrong: TokenStream = match value {
        Value::None => {
            errors.push(
                Code::MISSING_VALUE,
                key,
                format_args!("`{key}` needs a value"),
                format_args!("write `{key} = \"…\"`"),
            );
            return None;
        }
        Value::Wrong => return None,
        Value::List(list) => {
            let at = if list.is_empty() {
                key.to_token_stream()
            } else {
                list
            };
            errors.push(
                Code::WRONG_VALUE,
                &at,
                format_args!("`{key}` takes a text, not a list"),
                format_args!("write `{key} = \"…\"`"),
            );
            return None;
        }
        Value::Expr(expr) => match bare(expr) {
            Expr::Lit(literal) => match literal.lit {
                Lit::Str(text) if text.suffix().is_empty() => return Some(text),
                other => other.into_token_stream(),
            },
            other => other.into_token_stream(),
        },
    };
    let spelling = wrong.to_string();
    let help = if is_to_evaluate(&spelling) {
        format!(
            "write the text itself, `{key} = \"…\"`: constants and macros are not evaluated here"
        )
    } else {
        format!(
            "put it in quotes: `{key} = \"{}\"`",
            spelling.replace(' ', "")
        )
    };
    errors.push(
        Code::WRONG_VALUE,
        &wrong,
        format_args!("the value of `{key}` is not a text in quotes"),
        help,
    );
    None
}

/// Whether the code is a macro call, a constant or the like, and not a text without its quotes.
fn is_to_evaluate(code: &str) -> bool {
    let constant = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
    let is_constant = code.len() > 2
        && code.starts_with(|c: char| c.is_ascii_uppercase())
        && code.chars().all(constant);
    is_constant || code.contains(['"', '!', '{', ':']) || code.len() > 40
}

/// The value of an option that may be a text, or nothing.
pub(crate) fn optional_text(
    key: &Ident,
    value: Value,
    errors: &mut Errors,
) -> Option<Option<LitStr>> {
    match value {
        Value::None => Some(None),
        value => text(key, value, errors).map(Some),
    }
}

/// The absent value of an option that has none.
pub(crate) fn flag(key: &Ident, value: Value, errors: &mut Errors) -> Option<()> {
    let at = match value {
        Value::None => return Some(()),
        Value::Wrong => return None,
        Value::Expr(expr) => expr.into_token_stream(),
        Value::List(list) if list.is_empty() => key.to_token_stream(),
        Value::List(list) => list,
    };
    errors.push(
        Code::WRONG_VALUE,
        &at,
        format_args!("`{key}` takes no value"),
        format_args!("write `{key}` alone, or leave it out"),
    );
    None
}

/// The list of an option that is one.
pub(crate) fn list(
    key: &Ident,
    value: Value,
    example: &str,
    errors: &mut Errors,
) -> Option<TokenStream> {
    match value {
        Value::List(list) => return Some(list),
        Value::Wrong => {}
        Value::None => errors.push(
            Code::MISSING_VALUE,
            key,
            format_args!("`{key}` needs a list"),
            format_args!("write `{example}`"),
        ),
        Value::Expr(expr) => errors.push(
            Code::WRONG_VALUE,
            &expr,
            format_args!("`{key}` takes a list in parentheses"),
            format_args!("write `{example}`"),
        ),
    }
    None
}

/// The value of an option that names a function.
pub(crate) fn function(key: &Ident, value: Value, errors: &mut Errors) -> Option<ExprPath> {
    let wrong = match value {
        Value::Wrong => return None,
        Value::None => {
            errors.push(
                Code::MISSING_VALUE,
                key,
                format_args!("`{key}` needs the path of a function"),
                format_args!("write `{key} = path`, of a function from `&Field` to a number"),
            );
            return None;
        }
        Value::List(list) if list.is_empty() => key.to_token_stream(),
        Value::List(list) => list,
        Value::Expr(expr) => match bare(expr) {
            Expr::Path(path) => return Some(path),
            Expr::Lit(literal) => match literal.lit {
                Lit::Str(text) => {
                    errors.push(
                        Code::NOT_A_FUNCTION,
                        &text,
                        format_args!("`{key}` takes the path of a function, without quotes"),
                        format_args!("write `{key} = {}`", text.value()),
                    );
                    return None;
                }
                other => other.into_token_stream(),
            },
            other => other.into_token_stream(),
        },
    };
    errors.push(
        Code::NOT_A_FUNCTION,
        &wrong,
        format_args!("`{key}` takes the path of a function; a closure or a call is none"),
        format_args!(
            "write a function from `&Field` to a number or an `Option` of one, and name it: `{key} = path`"
        ),
    );
    None
}

/// The value of `crate`: a path in quotes.
pub(crate) fn path(key: &Ident, value: Value, errors: &mut Errors) -> Option<Path> {
    let text = text(key, value, errors)?;
    match text.parse_with(Path::parse_mod_style) {
        Ok(path) => Some(path),
        Err(_) => {
            let wrong = match text.value() {
                empty if empty.is_empty() => "the path is empty".to_owned(),
                other => format!("`{other}` is not the path of a crate or module"),
            };
            let help =
                format!("write where metric_core is: `{key} = \"::my_library::metric_core\"`");
            errors.push(Code::NOT_A_PATH, &text, wrong, help);
            None
        }
    }
}

/// A constant attribute's value, as the variant and the content of an `AttributeValue`.
pub(crate) fn constant(key: &str, value: &Value, errors: &mut Errors) -> Option<TokenStream> {
    let Value::Expr(expr) = value else {
        return None;
    };
    let (negative, literal) = sign(expr);
    let (wrong, help) = match literal.map(|literal| variant(negative, literal)) {
        Some(Ok(variant)) => return Some(variant),
        Some(Err((wrong, help))) => (wrong, help),
        None => (
            "it is no literal, and constants and macros are not evaluated here",
            "write a text in quotes, `true`, `false` or a number; a value that changes: `#[metric(attribute)]` on a field".to_owned(),
        ),
    };
    errors.push(
        Code::BAD_CONSTANT,
        expr,
        format_args!("the attribute `{key}` cannot have this value: {wrong}"),
        help,
    );
    None
}

/// The literal of an expression, and whether a minus stands before it.
fn sign(expr: &Expr) -> (bool, Option<&Lit>) {
    match expr {
        Expr::Lit(literal) => (false, Some(&literal.lit)),
        Expr::Group(group) => sign(&group.expr),
        Expr::Unary(ExprUnary {
            op: UnOp::Neg(_),
            expr,
            ..
        }) => match sign(expr) {
            (false, literal) => (true, literal),
            (true, _) => (true, None),
        },
        _ => (false, None),
    }
}

/// The variant of a literal, or what is wrong with it and what to write instead.
fn variant(negative: bool, literal: &Lit) -> Result<TokenStream, (&'static str, String)> {
    let minus = if negative { "-" } else { "" };
    match literal {
        Lit::Int(number) if !number.suffix().is_empty() => Err((
            "a number has no suffix here",
            format!("write `{minus}{}`", number.base10_digits()),
        )),
        Lit::Float(number) if !number.suffix().is_empty() => Err((
            "a number has no suffix here",
            format!("write `{minus}{}`", number.base10_digits()),
        )),
        Lit::Int(number) => {
            let digits = format!("{minus}{}", number.base10_digits());
            match digits.parse() {
                Ok(number) => {
                    let number = Literal::i64_suffixed(number);
                    Ok(quote!(I64(#number)))
                }
                Err(_) => Err((
                    "OpenTelemetry's integers have 64 bits and a sign",
                    format!("write it as a text: `\"{digits}\"`"),
                )),
            }
        }
        Lit::Float(number) => {
            let digits = format!("{minus}{}", number.base10_digits());
            match digits.parse::<f64>() {
                Ok(number) if number.is_finite() => {
                    let number = Literal::f64_suffixed(number);
                    Ok(quote!(F64(#number)))
                }
                _ => Err((
                    "the number is too large",
                    format!("write it as a text: `\"{digits}\"`"),
                )),
            }
        }
        Lit::Str(text) if !negative && text.suffix().is_empty() => Ok(quote!(Str(#text))),
        Lit::Bool(truth) if !negative => Ok(quote!(Bool(#truth))),
        _ => Err((
            "it is neither a text, a truth nor a number",
            "write a text in quotes, `true`, `false` or a number".to_owned(),
        )),
    }
}

/// Without the invisible groups that a `macro_rules!` fragment brings.
fn bare(mut expr: Expr) -> Expr {
    while let Expr::Group(group) = expr {
        expr = *group.expr;
    }
    expr
}
