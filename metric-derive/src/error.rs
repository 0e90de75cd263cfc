//! The error sink: every mistake of one item is collected, and all are reported at once.

use std::fmt::{self, Display};

use proc_macro2::TokenStream;
use quote::ToTokens;

/// The number of an error, as the documentation explains it.
///
/// 60 to 67 and 70 to 74 belong to metric-core: the messages of its traits and of its `const`
/// checks.
#[derive(Clone, Copy)]
pub(crate) struct Code(u8);

/// Where the derives may stand.
impl Code {
    /// `MetricCollector` on an enum or a union.
    pub(crate) const NOT_A_STRUCT: Code = Code(1);
    /// No field is observed.
    pub(crate) const NOTHING_OBSERVED: Code = Code(2);
    /// `MetricState` on a struct or a union.
    pub(crate) const NOT_AN_ENUM: Code = Code(3);
    /// `MetricState` on an enum without variants.
    pub(crate) const NO_STATES: Code = Code(4);
    /// A field of a tuple struct that has neither a name nor a key.
    pub(crate) const TUPLE_FIELD: Code = Code(5);
    /// A struct that flattens itself.
    pub(crate) const RECURSIVE: Code = Code(6);
    /// An item with syntax that the macro does not know.
    pub(crate) const UNREADABLE: Code = Code(7);
}

/// How options are written.
impl Code {
    /// An option that does not exist.
    pub(crate) const UNKNOWN_OPTION: Code = Code(10);
    /// An option that belongs elsewhere.
    pub(crate) const MISPLACED_OPTION: Code = Code(11);
    /// An option given twice.
    pub(crate) const REPEATED_OPTION: Code = Code(12);
    /// An option without the value that it needs.
    pub(crate) const MISSING_VALUE: Code = Code(13);
    /// A value of the wrong kind.
    pub(crate) const WRONG_VALUE: Code = Code(14);
    /// Something that is not an option.
    pub(crate) const NOT_AN_OPTION: Code = Code(15);
    /// A `with` that does not name a function.
    pub(crate) const NOT_A_FUNCTION: Code = Code(16);
    /// A `crate` that is not a path.
    pub(crate) const NOT_A_PATH: Code = Code(17);
}

/// Names of metrics and states.
impl Code {
    /// A name that OpenTelemetry does not allow.
    pub(crate) const BAD_NAME: Code = Code(20);
    /// A prefix that no name can begin with.
    pub(crate) const BAD_PREFIX: Code = Code(21);
    /// A separator that no name can have.
    pub(crate) const BAD_SEPARATOR: Code = Code(22);
    /// A name that is too long.
    pub(crate) const LONG_NAME: Code = Code(23);
    /// Two metrics of one name.
    pub(crate) const SAME_NAME: Code = Code(24);
    /// A state without a name.
    pub(crate) const BAD_STATE: Code = Code(25);
    /// Two states of one name.
    pub(crate) const SAME_STATE: Code = Code(26);
}

/// Units and attributes.
impl Code {
    /// A unit that is not UCUM.
    pub(crate) const BAD_UNIT: Code = Code(30);
    /// A key that no attribute can have.
    pub(crate) const BAD_KEY: Code = Code(40);
    /// Two attributes of one key.
    pub(crate) const SAME_KEY: Code = Code(41);
    /// A constant value that no attribute can have.
    pub(crate) const BAD_CONSTANT: Code = Code(42);
}

/// Options that exclude each other.
impl Code {
    /// More than one kind of metric.
    pub(crate) const TWO_KINDS: Code = Code(50);
    /// More than one of `attribute`, `info` and `flatten`.
    pub(crate) const TWO_ROLES: Code = Code(51);
    /// An option that has no meaning beside another.
    pub(crate) const CONTRADICTION: Code = Code(52);
}

impl Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MC{:03}", self.0)
    }
}

/// Collects the errors of one item. [`finish`](Self::finish) must be called: an error that is
/// forgotten would compile a wrong metric.
pub(crate) struct Errors {
    combined: Option<syn::Error>,
    finished: bool,
}

impl Errors {
    /// An empty sink.
    pub(crate) fn new() -> Self {
        Errors {
            combined: None,
            finished: false,
        }
    }

    /// Reports at the tokens `at` what is wrong, and what to write instead.
    pub(crate) fn push(
        &mut self,
        code: Code,
        at: &dyn ToTokens,
        wrong: impl Display,
        help: impl Display,
    ) {
        // As a token stream, so that syn's generic function is compiled once.
        let error = syn::Error::new_spanned(at.to_token_stream(), text(code, wrong, help));
        self.add(error);
    }

    /// Reports what syn says, and what to write instead.
    pub(crate) fn push_syntax(&mut self, code: Code, error: &syn::Error, help: impl Display) {
        self.add(syn::Error::new(error.span(), text(code, error, help)));
    }

    fn add(&mut self, error: syn::Error) {
        match &mut self.combined {
            Some(combined) => combined.combine(error),
            None => self.combined = Some(error),
        }
    }

    /// All errors as `compile_error!` invocations, or `None` if there are none.
    pub(crate) fn finish(mut self) -> Option<TokenStream> {
        self.finished = true;
        self.combined.take().map(|error| error.to_compile_error())
    }
}

fn text(code: Code, wrong: impl Display, help: impl Display) -> String {
    format!("{code}: {wrong}\n\nhelp: {help}")
}

impl Drop for Errors {
    fn drop(&mut self) {
        if !self.finished && !std::thread::panicking() {
            panic!("metric-derive forgot to report its errors: this is a bug in metric-derive");
        }
    }
}
