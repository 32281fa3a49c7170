//! Tests of the room layer that need its insides.
