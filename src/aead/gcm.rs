//! AES-128-GCM: a key prepared once, and a run of associated data, segments and
//! a tag, by the fastest means that the CPU has. Chosen once a key.

use super::{BLOCK_LEN, InOutBuf, NONCE_LEN, portable};
use crate::{Result, simd};

/// What runs AES-128: in GCM, and in counter mode under HMAC.
///
/// A key is made for the best one. Building with `--cfg
/// roomseal_backend="portable"` (or `"aes_ni"`, `"vaes"`, `"vaes512"`,
/// `"aarch64_aes"`) allows that one alone, besides the portable one where it is
/// missing; `"pair"` and `"quad"` run the code of `vaes` and `vaes512` with the
/// instructions of `aes_ni`, for tools that know no others. In debug builds the
/// environment variable `ROOMSEAL_HIDE_BACKENDS`, a list of names, hides some, so
/// that one machine can test all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Engine(Option<simd::Backend>);

impl Engine {
    /// RustCrypto's AES and GHASH: on every CPU.
    pub const PORTABLE: Self = Self(None);

    /// Every engine that this build and CPU allow, the best first. The portable
    /// one is always the last.
    pub fn available() -> impl Iterator<Item = Self> {
        let allowed = |backend: &simd::Backend| {
            FORCED.is_none_or(|name| name == backend.name()) && !is_hidden(backend.name())
        };
        simd::Backend::available()
            .filter(allowed)
            .map(|b| Self(Some(b)))
            .chain([Self::PORTABLE])
    }

    /// The best engine.
    #[must_use]
    pub fn best() -> Self {
        Self::available().next().unwrap_or(Self::PORTABLE)
    }

    /// The kernels of ours that it stands for.
    pub(super) const fn backend(self) -> Option<simd::Backend> {
        self.0
    }

    /// `portable`, `aes_ni`, `vaes`, `vaes512` or `aarch64_aes`.
    #[must_use]
    #[cfg_attr(
        not(any(test, feature = "hazmat")),
        expect(dead_code, reason = "for tests and benches")
    )]
    pub const fn name(self) -> &'static str {
        match self.0 {
            Some(backend) => backend.name(),
            None => "portable",
        }
    }
}

/// The one backend that this build allows, if it names one.
const FORCED: Option<&str> = if cfg!(roomseal_backend = "portable") {
    Some("portable")
} else if cfg!(roomseal_backend = "aes_ni") {
    Some("aes_ni")
} else if cfg!(roomseal_backend = "vaes") {
    Some("vaes")
} else if cfg!(roomseal_backend = "vaes512") {
    Some("vaes512")
} else if cfg!(roomseal_backend = "aarch64_aes") {
    Some("aarch64_aes")
} else if cfg!(roomseal_backend = "pair") {
    Some("pair")
} else if cfg!(roomseal_backend = "quad") {
    Some("quad")
} else {
    None
};

/// Whether the environment hides a backend, in debug builds.
#[cfg(debug_assertions)]
fn is_hidden(name: &str) -> bool {
    use std::sync::OnceLock;
    static HIDDEN: OnceLock<String> = OnceLock::new();
    let hidden = HIDDEN.get_or_init(|| std::env::var("ROOMSEAL_HIDE_BACKENDS").unwrap_or_default());
    hidden.split(',').any(|h| h == name)
}

#[cfg(not(debug_assertions))]
const fn is_hidden(_: &str) -> bool {
    false
}

/// A key, ready for use.
#[expect(
    clippy::large_enum_variant,
    reason = "a key stays in its owner's heap place"
)]
pub(super) enum Key {
    Portable(portable::Key),
    Simd(simd::Key),
}

impl Key {
    pub(super) fn new(engine: Engine, key: &[u8; 16]) -> Self {
        match engine.0 {
            Some(backend) => Self::Simd(simd::Key::new(backend, key)),
            None => Self::Portable(portable::Key::new(key)),
        }
    }

    pub(super) fn start(&self, nonce: &[u8; NONCE_LEN]) -> Run<'_> {
        match self {
            Self::Portable(key) => Run::Portable(key.start(nonce)),
            Self::Simd(key) => Run::Simd(key.start(nonce)),
        }
    }
}

/// One seal or open call in segments.
pub(super) enum Run<'k> {
    Portable(portable::Run<'k>),
    Simd(simd::Run<'k>),
}

impl Run<'_> {
    pub(super) fn aad(&mut self, piece: &[u8]) {
        match self {
            Self::Portable(run) => run.aad(piece),
            Self::Simd(run) => run.aad(piece),
        }
    }

    pub(super) fn encrypt(&mut self, segment: InOutBuf<'_, '_, u8>) -> Result<()> {
        match self {
            Self::Portable(run) => run.encrypt(segment),
            Self::Simd(run) => {
                run.encrypt(segment);
                Ok(())
            }
        }
    }

    pub(super) fn decrypt(&mut self, segment: InOutBuf<'_, '_, u8>) -> Result<()> {
        match self {
            Self::Portable(run) => run.decrypt(segment),
            Self::Simd(run) => {
                run.decrypt(segment);
                Ok(())
            }
        }
    }

    pub(super) fn finish(self) -> [u8; BLOCK_LEN] {
        match self {
            Self::Portable(run) => run.finish(),
            Self::Simd(run) => run.finish(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_backend_that_is_named_is_in_use() {
        let there = |name| simd::Backend::available().any(|backend| backend.name() == name);
        match FORCED {
            Some("portable") => assert_eq!(Engine::best(), Engine::PORTABLE),
            Some(name) if there(name) && !is_hidden(name) => {
                assert_eq!(Engine::best().name(), name);
            }
            _ => assert_eq!(Engine::available().last(), Some(Engine::PORTABLE)),
        }
    }
}
