//! Writes a JSON object field by field into one string.

use serde::Serialize;

use crate::simulator::fleet::Era;

pub(super) struct Object {
    json: Vec<u8>,
    era: Era,
}

impl Object {
    pub(super) fn open(era: Era) -> Self {
        let mut json = Vec::with_capacity(12 * 1024);
        json.push(b'{');
        Self { json, era }
    }

    pub(super) fn close(mut self) -> String {
        self.json.push(b'}');
        String::from_utf8(self.json).unwrap_or_default()
    }

    fn name(&mut self, name: &str) {
        if self.json.last() != Some(&b'{') {
            self.json.push(b',');
        }
        self.json.push(b'"');
        self.json.extend_from_slice(name.as_bytes());
        self.json.extend_from_slice(b"\":");
    }

    pub(super) fn put<T: Serialize + ?Sized>(&mut self, name: &str, value: &T) {
        self.name(name);
        if serde_json::to_writer(&mut self.json, value).is_err() {
            self.json.extend_from_slice(b"null");
        }
    }

    pub(super) fn null(&mut self, name: &str) {
        self.name(name);
        self.json.extend_from_slice(b"null");
    }

    /// A number with so many decimals; old firmware writes whole ones as integers.
    pub(super) fn real(&mut self, name: &str, value: f64, decimals: i32) {
        let scale = 10_f64.powi(decimals);
        // Adding 0 turns −0 into 0.
        let value = (value * scale).round() / scale + 0.0;
        if self.era == Era::Old && value.fract() == 0.0 && value.abs() < 1e15 {
            self.put(name, &(value as i64));
        } else {
            self.put(name, &value);
        }
    }

    pub(super) fn whole(&mut self, name: &str, value: f64) {
        self.put(name, &(value.round() as i64));
    }

    pub(super) fn nested(&mut self, name: &str, fields: impl FnOnce(&mut Self)) {
        self.name(name);
        self.json.push(b'{');
        fields(self);
        self.json.push(b'}');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(era: Era) -> serde_json::Value {
        let mut o = Object::open(era);
        o.put("text", "a \"quoted\" ❄️");
        o.real("whole", 23.0, 1);
        o.real("part", 1.23456, 2);
        o.nested("inner", |o| {
            o.null("nothing");
            o.whole("near", 6.7);
        });
        o.put("after", &true);
        serde_json::from_str(&o.close()).expect("JSON")
    }

    #[test]
    fn it_is_json_and_old_firmware_has_no_needless_decimal_point() {
        let new = write(Era::Latest);
        assert_eq!(new["text"], "a \"quoted\" ❄️");
        assert!(new["whole"].is_f64());
        assert_eq!(new["part"], 1.23);
        assert_eq!(new["inner"]["near"], 7);
        assert!(new["inner"]["nothing"].is_null());
        assert_eq!(new["after"], true);
        assert!(write(Era::Old)["whole"].is_i64());
    }
}
