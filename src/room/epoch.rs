//! Epochs: the room's secrets, and the ring of those installed.

use super::key::{ROOM_KEY_LEN, RoomKey, RoomSalt};
use super::kid::Kid;
use super::kind::{Form, Kind, PerKind};
use crate::limits::MAX_EPOCHS;
use crate::os::{SETUP_STACK, Wiped};
use crate::sframe::CipherSuite;
use crate::sframe::key::FrameKey;
use crate::{Error, Result};
use core::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use ctutils::CtEq;
use hkdf::Hkdf;
use sha2::Sha256;
use std::sync::Arc;
use zeroize::{Zeroize, Zeroizing, zeroize_stack};

const EPOCH_SALT: &[u8] = b"roomseal 1 epoch";
const BASE_KEY_LABEL: &[u8] = b"roomseal 1 base key";
const NEXT_KEY_LABEL: &[u8] = b"roomseal 1 next room key";
const SECRET_LEN: usize = 32;

/// `Extract(salt = "roomseal 1 epoch", ikm = room key)`.
pub(super) struct EpochSecret(Box<Zeroizing<[u8; SECRET_LEN]>>);

impl EpochSecret {
    pub(super) fn extract(key: &RoomKey) -> Self {
        let secret = Self::extract_inner(key);
        zeroize_stack::<SETUP_STACK>();
        secret
    }

    #[inline(never)]
    fn extract_inner(key: &RoomKey) -> Self {
        let mut secret = Self(Box::new(Zeroizing::new([0; SECRET_LEN])));
        let (mut prk, _) = Hkdf::<Sha256>::extract(Some(EPOCH_SALT), key.expose());
        for (to, from) in secret.0.iter_mut().zip(prk.iter()) {
            *to = *from;
        }
        prk.as_mut_slice().zeroize();
        secret
    }

    /// Made anew each time: kept, it would keep bytes of the room key that its
    /// buffer was built over.
    fn hkdf(&self) -> Result<Hkdf<Sha256>> {
        Hkdf::from_prk(self.0.as_slice()).map_err(|_| Error::Internal)
    }

    /// The room key of the epoch after `epoch`, whose secret this is.
    pub(super) fn next_room_key(&self, epoch: u64) -> Result<RoomKey> {
        let next = epoch.checked_add(1).ok_or(Error::LastEpoch)?;
        let key = self.next_room_key_inner(next);
        zeroize_stack::<SETUP_STACK>();
        key
    }

    #[inline(never)]
    fn next_room_key_inner(&self, next: u64) -> Result<RoomKey> {
        RoomKey::expand_from(&self.hkdf()?, &[NEXT_KEY_LABEL, &next.to_be_bytes()])
    }
}

/// What is known of an epoch besides its secrets. Outlives them in streams and
/// calls that are under way.
#[derive(Debug)]
pub(super) struct EpochState {
    pub(super) number: u64,
    retired: AtomicBool,
    failures: PerKind<AtomicU64>,
    memory_lost: PerKind<AtomicBool>,
}

impl EpochState {
    pub(super) fn is_retired(&self) -> bool {
        self.retired.load(Ordering::Acquire)
    }

    /// Forged frames on unknown KIDs so far.
    pub(super) fn failures(&self, kind: Kind) -> &AtomicU64 {
        self.failures.get(kind)
    }

    /// Whether a tombstone of this epoch and kind was dropped.
    pub(super) fn memory_lost(&self, kind: Kind) -> &AtomicBool {
        self.memory_lost.get(kind)
    }
}

/// One installed epoch.
pub(super) struct Epoch {
    pub(super) state: Arc<EpochState>,
    secret: EpochSecret,
    salt: RoomSalt,
    forms: PerKind<Form>,
    /// The base key's info up to the call id: the same for every key of the epoch.
    info: Box<[u8]>,
}

impl core::fmt::Debug for Epoch {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Epoch")
            .field("number", &self.state.number)
            .finish_non_exhaustive()
    }
}

impl Epoch {
    /// `context` = lp(app id) ‖ lp(room id) ‖ lp(call id).
    pub(super) fn new(
        number: u64,
        key: &RoomKey,
        salt: RoomSalt,
        context: &[u8],
        forms: PerKind<Form>,
    ) -> Self {
        let mut info = Vec::with_capacity(BASE_KEY_LABEL.len() + 2 + 64 + context.len());
        info.extend_from_slice(BASE_KEY_LABEL);
        push_lp(&mut info, salt.as_bytes());
        info.extend_from_slice(context);
        Self {
            state: Arc::new(EpochState {
                number,
                retired: AtomicBool::new(false),
                failures: PerKind::default(),
                memory_lost: PerKind::default(),
            }),
            secret: EpochSecret::extract(key),
            salt,
            forms,
            info: info.into(),
        }
    }

    pub(super) fn number(&self) -> u64 {
        self.state.number
    }

    fn same_keys(&self, other: &Self) -> bool {
        bool::from(self.secret.0.as_slice().ct_eq(other.secret.0.as_slice()))
            && self.salt.equals(&other.salt)
    }

    /// The next epoch's key and salt.
    pub(super) fn next(&self) -> Result<(u64, RoomKey, RoomSalt)> {
        let key = self.secret.next_room_key(self.number())?;
        Ok((self.number().wrapping_add(1), key, self.salt.copy()))
    }

    /// The frame key of a KID, in a new heap place.
    pub(super) fn frame_key(
        &self,
        suite: CipherSuite,
        kind: Kind,
        kid: Kid,
    ) -> Result<Wiped<FrameKey>> {
        let key = self.frame_key_inner(suite, kind, kid);
        zeroize_stack::<SETUP_STACK>();
        key
    }

    #[inline(never)]
    fn frame_key_inner(&self, suite: CipherSuite, kind: Kind, kid: Kid) -> Result<Wiped<FrameKey>> {
        let base_key = self.base_key(kind, kid)?;
        FrameKey::derive_unwiped(suite, kid.bits(), base_key.as_slice())
    }

    /// The frame key of a KID, in the place of another one.
    pub(super) fn replace_frame_key(
        &self,
        key: &mut FrameKey,
        suite: CipherSuite,
        kind: Kind,
        kid: Kid,
    ) -> Result<()> {
        let result = self.replace_frame_key_inner(key, suite, kind, kid);
        zeroize_stack::<SETUP_STACK>();
        result
    }

    #[inline(never)]
    fn replace_frame_key_inner(
        &self,
        key: &mut FrameKey,
        suite: CipherSuite,
        kind: Kind,
        kid: Kid,
    ) -> Result<()> {
        let base_key = self.base_key(kind, kid)?;
        key.replace_unwiped(suite, kid.bits(), base_key.as_slice())
    }

    /// Moves leave copies of it: the callers wipe the stack below them.
    fn base_key(&self, kind: Kind, kid: Kid) -> Result<Zeroizing<[u8; SECRET_LEN]>> {
        let mut key = Zeroizing::new([0; SECRET_LEN]);
        let epoch = self.number().to_be_bytes();
        let kind_and_form = [kind.number(), self.forms.get(kind).number()];
        let kid = kid.bits().to_be_bytes();
        self.secret
            .hkdf()?
            .expand_multi_info(
                &[&self.info, &epoch, &kind_and_form, &kid],
                key.as_mut_slice(),
            )
            .map_err(|_| Error::Internal)?;
        Ok(key)
    }
}

/// Appends a length as 2 bytes big-endian, then the bytes.
pub(super) fn push_lp(out: &mut Vec<u8>, bytes: &[u8]) {
    // Ids and salts are at most 258 bytes.
    let len = u16::try_from(bytes.len()).unwrap_or(u16::MAX);
    out.extend_from_slice(&len.to_be_bytes());
    out.extend_from_slice(bytes);
}

/// The installed epochs by their low nibble.
#[derive(Debug, Default)]
pub(super) struct Ring {
    slots: [Option<Arc<Epoch>>; MAX_EPOCHS],
    active: Option<u64>,
    /// The highest epoch that was retired or displaced: nothing at or below it
    /// is ever installed again.
    highest_gone: Option<u64>,
}

/// What installing an epoch asks for.
pub(super) enum Place {
    /// Installed already, with the same key and salt.
    Same,
    /// The place of this epoch, which must go first.
    Displacing(u64),
    /// A free place.
    Free,
}

impl Ring {
    pub(super) fn by_nibble(&self, nibble: u8) -> Option<&Arc<Epoch>> {
        self.slots.get(usize::from(nibble)).and_then(Option::as_ref)
    }

    pub(super) fn get(&self, number: u64) -> Option<&Arc<Epoch>> {
        self.by_nibble(nibble(number))
            .filter(|e| e.number() == number)
    }

    pub(super) fn active(&self) -> Option<&Arc<Epoch>> {
        self.active.and_then(|number| self.get(number))
    }

    /// Whether `epoch` may be installed, and where. Changes nothing.
    pub(super) fn place(&self, epoch: &Epoch) -> Result<Place> {
        let number = epoch.number();
        let there = self.by_nibble(nibble(number));
        if let Some(same) = there.filter(|e| e.number() == number) {
            return if same.same_keys(epoch) {
                Ok(Place::Same)
            } else {
                Err(Error::EpochConflict)
            };
        }
        if self.highest_gone.is_some_and(|gone| number <= gone) {
            return Err(Error::EpochRetired);
        }
        match there.map(|e| e.number()) {
            None => Ok(Place::Free),
            // Displacing a higher epoch would bar the number itself.
            Some(other) if self.active == Some(other) || other > number => {
                Err(Error::EpochConflict)
            }
            Some(other) => Ok(Place::Displacing(other)),
        }
    }

    pub(super) fn insert(&mut self, epoch: Arc<Epoch>) {
        if let Some(slot) = self.slots.get_mut(usize::from(nibble(epoch.number()))) {
            *slot = Some(epoch);
        }
    }

    pub(super) fn activate(&mut self, number: u64) -> Result<()> {
        self.get(number).ok_or(Error::UnknownEpoch)?;
        self.active = Some(number);
        Ok(())
    }

    /// Takes an epoch out for good.
    pub(super) fn remove(&mut self, number: u64) -> Result<Arc<Epoch>> {
        let slot = self
            .slots
            .get_mut(usize::from(nibble(number)))
            .ok_or(Error::Internal)?;
        let epoch = slot
            .take_if(|e| e.number() == number)
            .ok_or(Error::UnknownEpoch)?;
        epoch.state.retired.store(true, Ordering::Release);
        self.highest_gone = self.highest_gone.max(Some(number));
        if self.active == Some(number) {
            self.active = None;
        }
        Ok(epoch)
    }

    pub(super) fn numbers(&self) -> impl Iterator<Item = u64> {
        self.slots.iter().flatten().map(|e| e.number())
    }
}

fn nibble(epoch: u64) -> u8 {
    epoch.to_le_bytes()[0] & 0xF
}

const _: () = assert!(ROOM_KEY_LEN == 16, "the ratchet expands to 16 bytes");
