//! No e-mail address is in what is sent of the program's own work: it is on the terminal only, to say
//! which account is meant.
//!
//! This is done where everything passes, because messages quote paths and services, too. What the
//! resource has was given for that in the settings, and stays.

use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue};

use crate::privacy::without_mails;

pub(super) fn spans(request: &mut ExportTraceServiceRequest) {
    let resources = request.resource_spans.iter_mut();
    let scopes = resources.flat_map(|resource| &mut resource.scope_spans);
    for span in scopes.flat_map(|scope| &mut scope.spans) {
        text(&mut span.name);
        attributes(&mut span.attributes);
        for event in &mut span.events {
            text(&mut event.name);
            attributes(&mut event.attributes);
        }
        for link in &mut span.links {
            attributes(&mut link.attributes);
        }
        if let Some(status) = &mut span.status {
            text(&mut status.message);
        }
    }
}

pub(super) fn logs(request: &mut ExportLogsServiceRequest) {
    let resources = request.resource_logs.iter_mut();
    let scopes = resources.flat_map(|resource| &mut resource.scope_logs);
    for record in scopes.flat_map(|scope| &mut scope.log_records) {
        any(record.body.as_mut());
        attributes(&mut record.attributes);
    }
}

fn attributes(all: &mut [KeyValue]) {
    for attribute in all {
        any(attribute.value.as_mut());
    }
}

fn any(value: Option<&mut AnyValue>) {
    match value.and_then(|value| value.value.as_mut()) {
        Some(Value::StringValue(own)) => text(own),
        Some(Value::ArrayValue(array)) => array.values.iter_mut().for_each(|own| any(Some(own))),
        Some(Value::KvlistValue(list)) => attributes(&mut list.values),
        _ => {}
    }
}

fn text(own: &mut String) {
    if let Some(shown) = without_mails(own) {
        *own = shown;
    }
}
