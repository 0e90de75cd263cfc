//! The states of charging.

use crate::model::lenient::states;

states! {
    /// What the charging does.
    pub enum ChargingState {
        /// No cable.
        Disconnected,
        /// A cable without power.
        NoPower,
        /// It is about to charge.
        Starting,
        /// It charges.
        Charging,
        /// It has charged to its limit.
        Complete,
        /// Plugged in, and not charging: by schedule or by its driver's wish.
        Stopped,
        /// The charger measures.
        Calibrating,
        /// The car does not know.
        Unknown,
    }

    /// The colour of the light at the charge port.
    pub enum ChargePortColor {
        /// No light.
        Off,
        /// A fault.
        Red,
        /// Charged.
        Green,
        /// Connected, not charging.
        Blue,
        /// The port is open.
        White,
        /// It charges.
        FlashingGreen,
        /// The cable is not in properly.
        FlashingAmber,
        /// It charges with less than it could.
        Amber,
        /// All colours in turn.
        Rave,
        /// For the workshop.
        Debug,
        /// It speaks with the charger.
        FlashingBlue,
    }

    /// The latch that holds the cable.
    pub enum ChargePortLatch {
        /// Locked; without a cable, too.
        Engaged,
        /// Open.
        Disengaged,
        /// It cannot move.
        Blocking,
        /// The signal is not available.
        Sna,
    }

    /// The standard of the cable that is plugged in.
    pub enum ConnChargeCable {
        /// Europe and others (type 2, CCS2).
        Iec,
        /// North America and others (J1772, CCS1).
        Sae,
        /// China, alternating current.
        GbAc,
        /// China, direct current.
        GbDc,
        /// The signal is not available.
        Sna,
    }

    /// The kind of the charger that is plugged in.
    pub enum FastChargerType {
        /// A charger of Tesla's with direct current.
        Tesla,
        /// A Supercharger.
        Supercharger,
        /// CCS.
        Combo,
        /// CHAdeMO.
        Chademo,
        /// China's standard.
        Gb,
        /// Alternating current, over Tesla's own signalling.
        AcSingleWireCan,
        /// A mobile connector, over Tesla's own signalling.
        McSingleWireCan,
        /// Another.
        Other,
        /// The signal is not available.
        Sna,
    }

    /// What keeps charging from being faster.
    pub enum ChargeLimitReason {
        /// Nothing.
        None = "ChargeLimitReasonNone" | "1",
        /// The charger.
        Evse = "ChargeLimitReasonEvse" | "2",
        /// A cold battery.
        BattTempLow = "ChargeLimitReasonBattTempLow" | "3",
        /// A battery that is almost full.
        HighSoc = "ChargeLimitReasonHighSoc" | "4",
        /// The cabin's climate.
        Cabin = "ChargeLimitReasonCabin" | "5",
        /// The car does not know.
        Unknown = "ChargeLimitReasonUnknown" | "0",
    }

    /// What begins a scheduled charge.
    pub enum ScheduledChargingMode {
        /// It is not scheduled.
        Off = "ScheduledChargingModeOff",
        /// It begins at a time.
        StartAt = "ScheduledChargingModeStartAt",
        /// It is complete at a time.
        DepartBy = "ScheduledChargingModeDepartBy",
    }

    /// The days of a schedule.
    pub enum ScheduleDays {
        /// Every day.
        AllWeek,
        /// Monday to Friday.
        Weekdays,
    }
}
