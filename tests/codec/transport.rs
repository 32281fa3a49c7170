//! What a transport may do to a sealed frame, and what then happens, row by row.

use crate::pair::{GCM, Pair};
use crate::samples::{AUD, PPS, SEI, SPS, noise};
use crate::streams::{Obu, canonical, join, obu, obus, parts, stream};
use roomseal::{Codec, Error, Kind};

/// What comes of a change.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Outcome {
    /// Opens to the frame that was sealed.
    Same,
    /// Opens to what the same change makes of the frame that was sealed.
    Changed,
    /// Not authentic, and counted as that.
    Refused,
    /// Not taken for a sealed frame.
    NotSealed,
}

type Change<'c> = &'c dyn Fn(&[u8]) -> Vec<u8>;

/// Seals `frame`, changes it on the way, and looks at what comes of it.
fn check(pair: &Pair, codec: Codec, frame: &[u8], rows: &[(&str, Outcome, Change<'_>)]) {
    pair.introduce();
    for (name, want, change) in rows {
        let sealed = pair.seal(codec, frame);
        let changed = change(&sealed);
        assert_ne!(changed, sealed, "{codec}: {name} changes nothing");
        let before = pair.not_authentic();
        let reports = || pair.bob.streams(Kind::Video)[0].not_authentic;
        let before_there = reports();
        let opened = pair.open(&changed);
        let counted = pair.not_authentic() - before;
        assert_eq!(counted, reports() - before_there);
        match want {
            Outcome::Same => assert_eq!(opened.as_deref(), Ok(frame), "{codec}: {name}"),
            Outcome::Changed => {
                assert_eq!(opened, Ok(change(frame)), "{codec}: {name}");
                assert_eq!(canonical(codec, &change(frame)), canonical(codec, frame));
            }
            Outcome::Refused => {
                assert_eq!(opened, Err(Error::NotAuthentic), "{codec}: {name}");
                assert_eq!(counted, 1, "{codec}: {name}");
                // The frame itself still opens: nothing was spent.
                assert_eq!(pair.open(&sealed).as_deref(), Ok(frame));
            }
            Outcome::NotSealed => assert!(
                matches!(opened, Err(Error::NotSealed | Error::Malformed)),
                "{codec}: {name}: {opened:?}"
            ),
        }
    }
}

/// The stream with what `f` makes of its NAL units, each with its start code.
fn with_nals(frame: &[u8], f: impl FnOnce(&mut Vec<Vec<u8>>)) -> Vec<u8> {
    let parts = parts(frame);
    let mut nals: Vec<_> = parts
        .nals
        .iter()
        .map(|(gap, nal)| [*gap, nal].concat())
        .collect();
    f(&mut nals);
    [&nals.concat(), parts.tail].concat()
}

fn with_codes(frame: &[u8], code: &[u8]) -> Vec<u8> {
    let parts = parts(frame);
    let nals = parts.nals.iter().map(|(_, nal)| [code, nal].concat());
    [&nals.collect::<Vec<_>>().concat(), parts.tail].concat()
}

fn nal(header: &[u8], len: usize) -> Vec<u8> {
    [header, &noise(len)].concat()
}

fn code(nal: &[u8]) -> Vec<u8> {
    [&[0, 0, 0, 1], nal].concat()
}

#[test]
fn h264() {
    use Outcome::{Changed, NotSealed, Refused};
    let idr = nal(&[0x65, 0x88, 0x84], 200);
    let second = nal(&[0x65, 0x42, 0x08], 150);
    let rows: &[(&str, Outcome, Change<'_>)] = &[
        ("start codes of 3 bytes", Changed, &|f| {
            with_codes(f, &[0, 0, 1])
        }),
        ("start codes of 6 bytes", Changed, &|f| {
            with_codes(f, &[0, 0, 0, 0, 0, 1])
        }),
        ("zero bytes behind", Changed, &|f| {
            [f, &[0, 0, 0][..]].concat()
        }),
        ("one zero byte behind", Changed, &|f| [f, &[0][..]].concat()),
        ("zero bytes before", Changed, &|f| [&[0, 0][..], f].concat()),
        ("delimiter dropped", Refused, &|f| {
            with_nals(f, |n| drop(n.remove(0)))
        }),
        ("parameter set dropped", Refused, &|f| {
            with_nals(f, |n| drop(n.remove(1)))
        }),
        ("the other one dropped", Refused, &|f| {
            with_nals(f, |n| drop(n.remove(2)))
        }),
        ("SEI dropped", Refused, &|f| {
            with_nals(f, |n| drop(n.remove(3)))
        }),
        ("slice dropped", Refused, &|f| {
            with_nals(f, |n| drop(n.remove(4)))
        }),
        ("delimiter added", Refused, &|f| {
            with_nals(f, |n| n.insert(0, code(AUD)))
        }),
        ("parameter set repeated", Refused, &|f| {
            with_nals(f, |n| n.insert(1, n[1].clone()))
        }),
        ("SEI added", Refused, &|f| {
            with_nals(f, |n| n.insert(4, code(&[6, 5, 1, 9, 0x80])))
        }),
        ("slice repeated", Refused, &|f| {
            with_nals(f, |n| n.insert(4, n[4].clone()))
        }),
        ("filler put between", Refused, &|f| {
            with_nals(f, |n| n.insert(5, code(&[12, 0xFF, 0x80])))
        }),
        ("a type that nobody seals", Refused, &|f| {
            with_nals(f, |n| n.insert(1, code(&[14, 0x80])))
        }),
        ("units moved", Refused, &|f| with_nals(f, |n| n.swap(1, 2))),
        ("slices moved", Refused, &|f| with_nals(f, |n| n.swap(3, 4))),
        ("a frame before", Refused, &|f| {
            [&code(&nal(&[0x41, 0x9A], 30)), f].concat()
        }),
        ("filler behind", NotSealed, &|f| {
            [f, &code(&[12, 0xFF, 0x81])].concat()
        }),
        ("a frame behind", NotSealed, &|f| {
            [f, &code(&nal(&[0x41, 0x9A], 30))].concat()
        }),
        ("a byte before the first start code", Refused, &|f| {
            [&[7][..], f].concat()
        }),
        ("start codes taken away", Refused, &|f| f[4..].to_vec()),
        ("nal_ref_idc", Refused, &|f| {
            with_nals(f, |n| n[4][4] ^= 0x20)
        }),
        ("slice type", Refused, &|f| {
            with_nals(f, |n| n[4][5] ^= 0x08)
        }),
        ("a clear byte", Refused, &|f| with_nals(f, |n| n[3][9] ^= 1)),
        ("the byte added to a slice", Refused, &|f| {
            with_nals(f, |n| {
                n[4].pop();
            })
        }),
        ("another byte added to a slice", Refused, &|f| {
            with_nals(f, |n| n[4].push(0x80))
        }),
        ("emulation bytes that nothing asks for", Refused, &|f| {
            with_nals(f, |n| {
                n[4].splice(50..50, [0, 0, 3]);
            })
        }),
        ("SEI without its emulation byte", Refused, &|f| {
            with_nals(f, |n| {
                n[3].remove(9);
            })
        }),
        ("cut short", NotSealed, &|f| f[..f.len() - 1].to_vec()),
    ];
    let frame = stream(&[AUD, SPS, PPS, SEI, &idr, &second]);
    check(&Pair::new(GCM), Codec::H264, &frame, rows);
}

#[test]
fn carriers_of_nal_units() {
    use Outcome::{Changed, NotSealed, Refused};
    let h264 = stream(&[&nal(&[0x41, 0x9A], 60), SEI]);
    let h265 = stream(&[&nal(&[0x02, 0x03, 0xD0], 60), &[0x50, 0x03, 0x84, 0x80]]);
    let alone = stream(&[
        &[0x40, 0x01, 0x0C],
        &[0x42, 0x01, 0x0C],
        &[0x44, 0x01, 0x0C],
    ]);
    let rows: &[(&str, Outcome, Change<'_>)] = &[
        ("start codes of 3 bytes", Changed, &|f| {
            with_codes(f, &[0, 0, 1])
        }),
        ("carrier dropped", NotSealed, &|f| {
            with_nals(f, |n| drop(n.pop()))
        }),
        ("carrier repeated", Refused, &|f| {
            with_nals(f, |n| n.push(n[n.len() - 1].clone()))
        }),
        ("carrier alone", Refused, &|f| {
            with_nals(f, |n| drop(n.drain(..n.len() - 1)))
        }),
        ("the unit before it dropped", Refused, &|f| {
            with_nals(f, |n| {
                let last = n.len() - 2;
                n.remove(last);
            })
        }),
        ("another unit put before it", Refused, &|f| {
            with_nals(f, |n| {
                let last = n.len() - 1;
                n.insert(last, n[last - 1].clone());
            })
        }),
        ("the carrier's header", Refused, &|f| {
            with_nals(f, |n| {
                let last = n.len() - 1;
                n[last][4] ^= 0x20;
            })
        }),
        ("the carrier's size", Refused, &|f| {
            with_nals(f, |n| {
                let last = n.len() - 1;
                let at = n[last].iter().position(|byte| *byte == 45).expect("a size");
                n[last][at] = 44;
            })
        }),
        ("a byte put into the carrier", Refused, &|f| {
            with_nals(f, |n| {
                let last = n.len() - 1;
                n[last].insert(20, 0x55);
            })
        }),
    ];
    for (codec, frame) in [
        (Codec::H264, &h264),
        (Codec::H265, &h265),
        (Codec::H265, &alone),
    ] {
        check(&Pair::new(GCM), codec, frame, rows);
    }
    // The temporal id of the carrier is that of the last slice.
    let temporal: &[(&str, Outcome, Change<'_>)] = &[("temporal id", Refused, &|f| {
        with_nals(f, |n| {
            let last = n.len() - 1;
            n[last][5] = 0x01;
        })
    })];
    check(&Pair::new(GCM), Codec::H265, &h265, temporal);
}

#[test]
fn h265() {
    use Outcome::{Changed, Refused};
    let vps: &[u8] = &[0x40, 0x01, 0x0C, 0x01];
    let sps: &[u8] = &[0x42, 0x01, 0x01, 0x60];
    let slice = nal(&[0x26, 0x01, 0xAF], 120);
    let second = nal(&[0x26, 0x01, 0x2F], 130);
    let rows: &[(&str, Outcome, Change<'_>)] = &[
        ("start codes of 3 bytes", Changed, &|f| {
            with_codes(f, &[0, 0, 1])
        }),
        ("zero bytes behind", Changed, &|f| [f, &[0, 0][..]].concat()),
        ("delimiter added", Refused, &|f| {
            with_nals(f, |n| n.insert(0, code(&[0x46, 1, 0x50])))
        }),
        ("parameter set dropped", Refused, &|f| {
            with_nals(f, |n| drop(n.remove(0)))
        }),
        ("parameter set repeated", Refused, &|f| {
            with_nals(f, |n| n.insert(1, n[1].clone()))
        }),
        ("slice dropped", Refused, &|f| {
            with_nals(f, |n| drop(n.remove(2)))
        }),
        ("slices moved", Refused, &|f| with_nals(f, |n| n.swap(1, 2))),
        ("suffix SEI put between", Refused, &|f| {
            with_nals(f, |n| n.insert(3, code(&[0x50, 1, 0x80])))
        }),
        ("temporal id", Refused, &|f| with_nals(f, |n| n[2][5] = 2)),
        ("layer id", Refused, &|f| with_nals(f, |n| n[2][5] |= 8)),
        ("first slice flag", Refused, &|f| {
            with_nals(f, |n| n[2][6] ^= 0x80)
        }),
        ("a type that nobody seals", Refused, &|f| {
            with_nals(f, |n| n.insert(1, code(&[41 << 1, 1])))
        }),
    ];
    let frame = stream(&[vps, sps, &slice, &second]);
    check(&Pair::new(GCM), Codec::H265, &frame, rows);
}

fn with_obus(frame: &[u8], f: impl FnOnce(&mut Vec<Obu>)) -> Vec<u8> {
    let mut all = obus(frame);
    f(&mut all);
    join(&all)
}

fn lengthen(obu: &mut Obu, len: usize) {
    let mut size = obu.canonical().size.expect("a size");
    while size.len() < len {
        *size.last_mut().expect("a byte") |= 0x80;
        size.push(0);
    }
    obu.size = Some(size);
}

#[test]
fn av1() {
    use Outcome::{Changed, NotSealed, Refused, Same};
    let delimiter = || obus(&[0x12, 0]).remove(0);
    let padding = || obus(&obu(15, &[1, 2, 3])).remove(0);
    let tile_list = || obus(&obu(8, &[1, 2, 3])).remove(0);
    let rows: &[(&str, Outcome, Change<'_>)] = &[
        ("long sizes", Same, &|f| {
            with_obus(f, |o| o.iter_mut().for_each(|o| lengthen(o, 4)))
        }),
        ("the longest sizes", Same, &|f| {
            with_obus(f, |o| o.iter_mut().for_each(|o| lengthen(o, 8)))
        }),
        ("no size on the last", Same, &|f| {
            with_obus(f, |o| o.last_mut().unwrap().size = None)
        }),
        ("a size that is too long", Refused, &|f| {
            with_obus(f, |o| lengthen(&mut o[1], 9))
        }),
        ("delimiter dropped", Changed, &|f| {
            with_obus(f, |o| drop(o.remove(0)))
        }),
        ("delimiter repeated", Refused, &|f| {
            with_obus(f, |o| o.insert(0, delimiter()))
        }),
        ("delimiter put between", Refused, &|f| {
            with_obus(f, |o| o.insert(2, delimiter()))
        }),
        ("delimiter behind", NotSealed, &|f| {
            with_obus(f, |o| o.push(delimiter()))
        }),
        ("sequence header dropped", Refused, &|f| {
            with_obus(f, |o| drop(o.remove(1)))
        }),
        ("sequence header repeated", Refused, &|f| {
            with_obus(f, |o| o.insert(1, o[1].clone()))
        }),
        ("metadata dropped", Refused, &|f| {
            with_obus(f, |o| drop(o.remove(2)))
        }),
        ("padding put between", Refused, &|f| {
            with_obus(f, |o| o.insert(2, padding()))
        }),
        ("padding behind", NotSealed, &|f| {
            with_obus(f, |o| o.push(padding()))
        }),
        ("tile list put between", Refused, &|f| {
            with_obus(f, |o| o.insert(2, tile_list()))
        }),
        ("units moved", Refused, &|f| with_obus(f, |o| o.swap(2, 3))),
        ("the last one moved", NotSealed, &|f| {
            with_obus(f, |o| o.swap(4, 5))
        }),
        ("tiles dropped", Refused, &|f| {
            with_obus(f, |o| drop(o.remove(4)))
        }),
        ("type", Refused, &|f| {
            with_obus(f, |o| o[4].header[0] ^= 0x10)
        }),
        ("reserved bit", Refused, &|f| {
            with_obus(f, |o| o[4].header[0] ^= 1)
        }),
        ("spatial layer", Refused, &|f| {
            with_obus(f, |o| o[3].header[1] ^= 8)
        }),
        ("an extension added", Refused, &|f| {
            with_obus(f, |o| {
                o[4].header[0] |= 4;
                o[4].header.push(0);
            })
        }),
        ("a byte moved between", Refused, &|f| {
            with_obus(f, |o| {
                let byte = o[4].payload.pop().expect("a byte");
                o[5].payload.insert(0, byte);
                for at in [4, 5] {
                    o[at] = o[at].canonical();
                }
            })
        }),
        ("cut short", NotSealed, &|f| f[..f.len() - 1].to_vec()),
    ];
    let frame = [
        &[0x12, 0][..],
        &obu(1, &[0, 0, 0, 2, 0xAF]),
        &obu(5, &[4, 1, 2, 3, 0x80]),
        &crate::streams::layer_obu(3, 0, 1, &noise(20)),
        &obu(4, &noise(100)),
        &obu(4, &noise(90)),
    ]
    .concat();
    check(&Pair::new(GCM), Codec::Av1, &frame, rows);

    let without: &[(&str, Outcome, Change<'_>)] =
        &[("delimiter added", Changed, &|f| [&[0x12, 0], f].concat())];
    check(&Pair::new(GCM), Codec::Av1, &frame[2..], without);

    let carrier: &[(&str, Outcome, Change<'_>)] = &[
        ("long sizes", Same, &|f| {
            with_obus(f, |o| o.iter_mut().for_each(|o| lengthen(o, 3)))
        }),
        ("no size on the carrier", Same, &|f| {
            with_obus(f, |o| o.last_mut().unwrap().size = None)
        }),
        ("carrier dropped", NotSealed, &|f| {
            with_obus(f, |o| drop(o.pop()))
        }),
        ("carrier repeated", Refused, &|f| {
            with_obus(f, |o| o.push(o[o.len() - 1].clone()))
        }),
        ("carrier's metadata type", Refused, &|f| {
            with_obus(f, |o| {
                o.last_mut().unwrap().payload[0] = 30;
            })
        }),
        ("carrier's reserved bit", Refused, &|f| {
            with_obus(f, |o| {
                o.last_mut().unwrap().header[0] ^= 1;
            })
        }),
    ];
    check(
        &Pair::new(GCM),
        Codec::Av1,
        &obu(1, &[0, 0, 0, 2, 0xAF]),
        carrier,
    );
}

#[test]
fn frames_of_one_unit_take_no_change() {
    use Outcome::{NotSealed, Refused};
    let rows: &[(&str, Outcome, Change<'_>)] = &[
        ("a byte before", Refused, &|f| [&[0x31][..], f].concat()),
        ("the first byte dropped", Refused, &|f| f[1..].to_vec()),
        ("the first bit", Refused, &|f| {
            [&[f[0] ^ 0x80], &f[1..]].concat()
        }),
        ("a byte behind", NotSealed, &|f| [f, &[0x81][..]].concat()),
        ("a zero byte behind", NotSealed, &|f| [f, &[0][..]].concat()),
        ("the last byte dropped", NotSealed, &|f| {
            f[..f.len() - 1].to_vec()
        }),
        ("another codec named", Refused, &|f| {
            let mut f = f.to_vec();
            let control = f.len() - 2;
            f[control] = 0x80 | ((f[control] & 0xF) % 3);
            f
        }),
    ];
    for codec in Codec::ALL {
        if codec.is_in_place() && codec != Codec::Opaque {
            let frame = [&[0x31][..], &noise(60)].concat();
            check(&Pair::new(GCM), codec, &frame, rows);
        }
    }
}

/// On a stream that nobody knows the transport can't be told from a stranger.
#[test]
fn unknown_streams_cost_nothing_if_their_frames_do_not_come_apart() {
    let pair = Pair::new(GCM);
    let frame = stream(&[SPS, PPS, &nal(&[0x65, 0x88, 0x84], 40)]);
    let sealed = pair.seal(Codec::H264, &frame);
    let bad = with_nals(&sealed, |n| n.insert(1, code(&[14, 0x80])));
    for _ in 0..10_000 {
        assert_eq!(pair.open(&bad), Err(Error::Malformed));
    }
    // More than the budget for unknown streams: it was not touched.
    assert_eq!(pair.open(&sealed), Ok(frame));
    assert_eq!(pair.bob.counters(Kind::Video).malformed, 10_000);
}
