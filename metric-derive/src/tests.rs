//! The derives as functions of tokens: they always answer with code, whatever they are given.

use proc_macro2::{Delimiter, Group, Literal, Punct, Spacing, Span, TokenStream, TokenTree};
use quote::quote;

use crate::{collector, derive, state};

/// Inputs that use every option, right and wrong.
fn samples() -> Vec<TokenStream> {
    vec![
        quote! {
            #[doc = " A car."]
            #[metric(prefix = "car", separator = "_", attributes(a.b = "c", "d" = -1.5, e = true))]
            #[metric(crate = "x::y")]
            struct Car<'a, T: Copy = i64, const N: usize = 4> where T: Eq {
                #[doc = " Level."]
                #[metric(name = "level", unit = "%", description = "…", gauge)]
                level: Option<T>,
                #[metric(counter, with = <Self as Trait<'a, T>>::f::<N>)]
                r#type: &'a [T; N],
                #[metric(attribute = "k")]
                name: &'a str,
                #[metric(info)]
                version: String,
                #[metric(flatten(prefix = "front", key = "wheel"))]
                wheels: Vec<Wheel<T>>,
                unobserved: fn(T) -> u8,
            }
        },
        quote! {
            #[metric(prefix = "", attributes(a, b = c, = 4, 5 = 5, x.y. = 4, e = "f" "g", (h) = 1))]
            #[metric = "x"]
            struct Wrong(
                #[metric(name, unit =, unit = concat!("a"), with = |x| x, with = "f")] u8,
                #[metric(flatten = 5, attribute(1), info = info, counter(), gauge = true)] Box<Wrong>,
                #[metric(flatten(prefix, key = 5, other), histogram; name = "")] [u8],
                #[metric] PhantomData<T>,
            );
        },
        quote! {
            #[metric(crate = "::x", prefix = "y")]
            enum State<T> {
                #[metric(name = "One", unit = "s")]
                One,
                one,
                Two(#[metric] T),
                #[metric(name = "")]
                r#Three { a: u8 },
            }
        },
        quote!(union U { #[metric] a: u8 }),
        quote!(
            struct Unit;
        ),
        quote!(
            enum Empty {}
        ),
    ]
}

fn both(input: &TokenStream) {
    for expand in [collector::derive, state::derive] {
        let code = derive(input.clone(), expand);
        if let Err(error) = syn::parse2::<syn::File>(code.clone()) {
            panic!("{error}: from\n{input}\ncame\n{code}");
        }
    }
}

/// Every version of the tokens with one token, at any depth, changed by `change`.
fn changed(
    tokens: &TokenStream,
    change: &dyn Fn(&TokenTree) -> Vec<TokenTree>,
) -> Vec<TokenStream> {
    let tokens: Vec<TokenTree> = tokens.clone().into_iter().collect();
    let mut versions = Vec::new();
    for (i, token) in tokens.iter().enumerate() {
        let with = |new: Vec<TokenTree>| -> TokenStream {
            let before = tokens.iter().take(i).cloned();
            before
                .chain(new)
                .chain(tokens.iter().skip(i + 1).cloned())
                .collect()
        };
        versions.push(with(change(token)));
        if let TokenTree::Group(group) = token {
            for content in changed(&group.stream(), change) {
                versions.push(with(vec![Group::new(group.delimiter(), content).into()]));
            }
        }
    }
    versions
}

#[test]
fn whatever_comes_in_code_comes_out() {
    let comma = TokenTree::Punct(Punct::new(',', Spacing::Alone));
    let odd: Vec<TokenTree> = vec![
        comma,
        Punct::new('=', Spacing::Joint).into(),
        Punct::new('<', Spacing::Alone).into(),
        Punct::new('\'', Spacing::Joint).into(),
        Literal::string("\u{0}é \" }").into(),
        Literal::byte_string(b"\xff").into(),
        Literal::f64_unsuffixed(1e300).into(),
        Literal::u128_suffixed(u128::MAX).into(),
        proc_macro2::Ident::new("struct", Span::call_site()).into(),
        proc_macro2::Ident::new_raw("metric", Span::call_site()).into(),
        Group::new(Delimiter::Parenthesis, TokenStream::new()).into(),
        Group::new(Delimiter::None, TokenStream::new()).into(),
    ];
    for sample in samples() {
        both(&sample);
        for version in changed(&sample, &|_| Vec::new()) {
            both(&version);
        }
        for version in changed(&sample, &|token| vec![token.clone(), token.clone()]) {
            both(&version);
        }
        let in_a_group =
            |token: &TokenTree| vec![Group::new(Delimiter::None, token.clone().into()).into()];
        for version in changed(&sample, &in_a_group) {
            both(&version);
        }
        for token in &odd {
            for version in changed(&sample, &|_| vec![token.clone()]) {
                both(&version);
            }
        }
    }
    both(&TokenStream::new());
}

#[test]
fn every_mistake_is_reported_at_once() {
    let code = derive(samples().swap_remove(1), collector::derive).to_string();
    assert!(code.matches("compile_error").count() > 20, "{code}");
    assert!(
        code.contains("impl :: metric_core :: MetricCollector for Wrong"),
        "{code}"
    );
}

#[test]
fn a_bound_is_asked_for_each_observed_type_that_needs_one() {
    let code = derive(
        quote! {
            struct S<'a, T, U, K, W, const N: usize> {
                #[metric] a: &'a Option<T>,
                #[metric] b: &'a Option<T>,
                #[metric(counter)] c: T::Count,
                #[metric(with = f)] d: U,
                #[metric] e: [u8; N],
                #[metric(attribute)] f: K,
                #[metric(flatten)] g: W,
                #[metric(flatten(key = "k"))] h: Map<K, W>,
                i: PhantomData<U>,
            }
        },
        collector::derive,
    )
    .to_string();
    let (_, clause) = code.split_once(" where ").expect("a where clause");
    let (clause, _) = clause.split_once('{').expect("a body");
    let mc = ":: metric_core ::";
    let expected = [
        format!("K : {mc} MetricAttribute"),
        format!("& 'a Option < T > : {mc} MetricValue"),
        format!("T :: Count : {mc} CounterValue"),
        format!("W : {mc} MetricCollector"),
        format!("Map < K , W > : {mc} KeyedCollectors"),
    ];
    assert_eq!(clause.trim(), expected.join(" , "));
}

#[test]
fn every_option_that_is_listed_is_known() {
    use crate::known::Place;

    let unknown = |code: TokenStream| {
        let text = code.to_string();
        text.contains("MC010") || text.contains("MC011")
    };
    let ident = |option: &str| proc_macro2::Ident::new(option, Span::call_site());
    for option in Place::STRUCT.options {
        let option = ident(option);
        let input = quote!(
            #[metric(#option = 5)]
            struct S {
                #[metric]
                a: u8,
            }
        );
        assert!(!unknown(derive(input, collector::derive)), "{option}");
    }
    for option in Place::FIELD.options {
        let option = ident(option);
        let input = quote!(
            struct S {
                #[metric(#option)]
                a: u8,
            }
        );
        assert!(!unknown(derive(input, collector::derive)), "{option}");
    }
    for option in Place::FLATTEN.options {
        let option = ident(option);
        let input = quote!(
            struct S {
                #[metric(flatten(#option = "a"))]
                a: u8,
            }
        );
        assert!(!unknown(derive(input, collector::derive)), "{option}");
    }
    for option in Place::ENUM.options {
        let option = ident(option);
        let input = quote!(
            #[metric(#option = "a")]
            enum E {
                A,
            }
        );
        assert!(!unknown(derive(input, state::derive)), "{option}");
    }
    for option in Place::VARIANT.options {
        let option = ident(option);
        let input = quote!(
            enum E {
                #[metric(#option = "a")]
                A,
            }
        );
        assert!(!unknown(derive(input, state::derive)), "{option}");
    }
}
