//! The observer as a user runs it, with everything around it at fault: it keeps running, what is well
//! goes on, its memory stays small, its own metrics say what happened, and afterwards all is as before.

mod answers;
mod clock;
mod hour;
mod otlp;
mod path;
mod receivers;
mod stage;
mod tls;
