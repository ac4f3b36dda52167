package collections

import "github.com/pocketbase/pocketbase/core"

// SeesRecord reports whether a member may view one record of a collection whose events are delivered.
func SeesRecord(app core.App, member, collection, id string) (bool, error) {
	switch collection {
	case Messages:
		m, _, err := FindVisible(app, id, member)
		return m != nil, err
	case Conversations:
		p, err := FindParticipant(app, id, member)
		return p.Sees(), err
	case Participants:
		return seesPlace(app, member, id)
	}
	record, err := one(app, collection, byID(id))
	return record != nil && record.GetString("user") == member, err
}

// seesPlace: members always see their own participant row, unless it is hidden from them; those of others while they take part.
func seesPlace(app core.App, member, id string) (bool, error) {
	place, err := typed(AsParticipant)(one(app, Participants, byID(id)))
	if err != nil || place == nil {
		return false, err
	}
	if place.User() == member {
		return !place.Concealed(), nil
	}
	own, err := FindParticipant(app, place.Conversation(), member)
	return own.Sees(), err
}
