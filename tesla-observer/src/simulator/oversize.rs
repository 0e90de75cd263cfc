//! Answers that are too large: nothing of them is ever in memory but the piece that is being sent.

use std::io::Write as _;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::Response;
use flate2::Compression;
use flate2::write::GzEncoder;
use futures_util::stream;

use super::faults::with;

const START: &[u8] = br#"{"response":{"state":"online","padding":[0"#;
const END: &[u8] = b"]}}";
const PIECE: usize = 64 * 1024;
const JSON: &str = "application/json; charset=utf-8";

/// JSON of this many bytes, or a few more if that is too little for any.
pub(super) fn large(bytes: u64, has_length: bool) -> Response {
    let least = (START.len() + END.len()) as u64;
    let padding = bytes.saturating_sub(least);
    let pieces = stream::unfold(Some((Bytes::from_static(START), padding)), |state| async {
        let (piece, left) = state?;
        let size = left.min(PIECE as u64);
        let next = match size {
            0 if piece == END => None,
            0 => Some((Bytes::from_static(END), 0)),
            size => Some((filler(size as usize), left - size)),
        };
        Some((Ok::<_, std::io::Error>(piece), next))
    });
    let mut response = with(200, JSON, Body::from_stream(pieces));
    if has_length {
        let length = HeaderValue::from(least + padding);
        response
            .headers_mut()
            .insert(header::CONTENT_LENGTH, length);
    }
    response
}

/// Numbers of an array, and blanks where there is no place for one more.
fn filler(size: usize) -> Bytes {
    const NUMBER: &[u8] = b",1234567";
    let mut filler = NUMBER.repeat(size / NUMBER.len());
    filler.resize(size, b' ');
    filler.into()
}

/// Tiny objects between `before` and `after`: of this many bytes, or a few more if that is too little.
pub(super) fn tiny(code: u16, bytes: u64, before: String, after: String) -> Response {
    const OBJECT: &[u8] = br#"{"":0},"#;
    const MANY: usize = PIECE / OBJECT.len();
    let bytes = usize::try_from(bytes).unwrap_or(usize::MAX);
    let room = bytes.saturating_sub(before.len() + 1 + after.len());
    let (objects, blanks) = (room / OBJECT.len(), room % OBJECT.len());
    let end = [
        OBJECT.repeat(objects % MANY),
        format!("0{}{after}", " ".repeat(blanks)).into_bytes(),
    ];
    let pieces = std::iter::once(Bytes::from(before))
        .chain(std::iter::repeat_n(
            Bytes::from(OBJECT.repeat(MANY)),
            objects / MANY,
        ))
        .chain(end.map(Bytes::from));
    let pieces = stream::iter(pieces.map(Ok::<_, std::io::Error>));
    with(code, JSON, Body::from_stream(pieces))
}

/// Zeros, compressed to about a thousandth.
pub(super) fn bomb(bytes: u64) -> Response {
    const STEP: u64 = 1024 * 1024;
    let state = Some((GzEncoder::new(Vec::new(), Compression::fast()), bytes));
    let pieces = stream::unfold(state, |state| async {
        let (mut encoder, left) = state?;
        let step = left.min(STEP);
        if step == 0 {
            return Some((encoder.finish().map(Bytes::from), None));
        }
        if let Err(error) = encoder.write_all(&vec![0; step as usize]) {
            return Some((Err(error), None));
        }
        let piece = Bytes::from(std::mem::take(encoder.get_mut()));
        // Others have their turn, too.
        tokio::task::yield_now().await;
        Some((Ok(piece), Some((encoder, left - step))))
    });
    let mut response = with(200, JSON, Body::from_stream(pieces));
    let gzip = HeaderValue::from_static("gzip");
    response
        .headers_mut()
        .insert(header::CONTENT_ENCODING, gzip);
    response
}

/// JSON without end; at a rate of 0 as fast as it is taken.
pub(super) fn endless(bytes_per_second: u32) -> Response {
    let size = match bytes_per_second {
        0 => PIECE,
        rate => (rate as usize / 10).clamp(1, PIECE),
    };
    let pieces = stream::unfold(Bytes::from_static(START), move |piece| async move {
        if bytes_per_second > 0 {
            let wait = Duration::from_secs(piece.len() as u64) / bytes_per_second;
            tokio::time::sleep(wait).await;
        }
        Some((Ok::<_, std::io::Error>(piece), filler(size)))
    });
    with(200, JSON, Body::from_stream(pieces))
}

/// An empty answer with about this many bytes of headers.
pub(super) fn headers(bytes: u32) -> Response {
    const VALUE: usize = 8 * 1024;
    let mut response = with(200, JSON, Body::empty());
    let value = HeaderValue::from_bytes(&[b'x'; VALUE]);
    for number in 0..(bytes as usize).div_ceil(VALUE) {
        let name = HeaderName::try_from(format!("x-padding-{number}"));
        if let (Ok(name), Ok(value)) = (name, &value) {
            response.headers_mut().insert(name, value.clone());
        }
    }
    response
}
