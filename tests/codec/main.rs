//! Codec-transparent frames through rooms: what goes in comes out, what is sent
//! is a frame of its codec, and whatever else happens to it on the way is refused.

#[path = "../common/member.rs"]
mod member;

mod clips;
mod forms;
mod hostile;
mod lengths;
mod pair;
mod samples;
mod shape;
mod streams;
mod transport;
