package consent

import (
	"time"

	"carecollective/refusal"
)

// The levels of a member's standing, as stored.
const (
	LevelNone      = "none"
	LevelLimited   = "limited"
	LevelSuspended = "suspended"
	LevelBanned    = "banned"
)

// The levels that a penalty can have beside those of a standing.
const (
	LevelWarning = "warning" // counts as a strike
	LevelHidden  = "hidden"  // a message was hidden; not a strike
	LevelRemoved = "removed" // a message was removed; not a strike

	// LevelSwitched is a switch of the standing, such as that messages wait for a moderator: it holds until it ends or is
	// lifted, says nothing about the level, and is no strike.
	LevelSwitched = "switched"
)

// Standing is what moderation allows a member to do. Its zero value allows neither sending nor starting, so that a standing that
// was not loaded refuses.
type Standing struct {
	Level    string    // one of the levels; empty means no restriction
	CanSend  bool      // can_send_messages
	CanStart bool      // can_start_conversations
	Until    time.Time // restricted_until; zero is without an end
}

// Free is the standing of a member whom nothing restricts.
func Free() Standing {
	return Standing{Level: LevelNone, CanSend: true, CanStart: true}
}

// At returns the standing as it counts at now: an expired restriction no longer counts.
func (s Standing) At(now time.Time) Standing {
	if s.Until.IsZero() || now.Before(s.Until) {
		return s
	}
	return Free()
}

// MayRead refuses banned members only: they can see their standing, appeal, export and erase, and nothing else.
func (s Standing) MayRead() refusal.Code {
	if s.Level == LevelBanned {
		return refusal.AccountBanned
	}
	return ""
}

// MayShow refuses members who may not create anything that others see: profile, help requests, closing a group.
func (s Standing) MayShow() refusal.Code {
	switch s.Level {
	case "", LevelNone, LevelLimited:
		return ""
	case LevelBanned:
		return refusal.AccountBanned
	default:
		return refusal.AccountSuspended
	}
}

// MaySend refuses members who may not write to others: messages, edits, requests for contact.
func (s Standing) MaySend() refusal.Code {
	if code := s.MayShow(); code != "" {
		return code
	}
	if !s.CanSend {
		return refusal.AccountLimited
	}
	return ""
}

// MayStart refuses members who may not start conversations or invite. A start includes a message, so it requires the right
// to send as well.
func (s Standing) MayStart() refusal.Code {
	if code := s.MaySend(); code != "" {
		return code
	}
	if !s.CanStart || s.Level == LevelLimited {
		return refusal.AccountLimited
	}
	return ""
}
