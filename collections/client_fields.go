package collections

// clientFields are the fields that a member's own request may set, by collection. Everything else in a body is ignored.
var clientFields = map[string][]string{
	Users: {
		"email", "password", "passwordConfirm", "oldPassword",
		"name", "avatar", "bio", "location", "language", "time_zone", "phone",
	},
	HelpRequests:      {"kind", "title", "description", "category", "urgency", "status", "location"},
	Participants:      {"muted_until", "archived"},
	Messages:          {"conversation", Content, "reply_to"},
	Preferences:       PreferenceFields,
	Blocks:            {"blocked"},
	Notifications:     {"read_at"},
	PushSubscriptions: DeviceSecrets,
}

// ClientFields returns the fields of a collection that a member's own request may set. Hooks or rules may narrow them further.
func ClientFields(collection string) []string { return clientFields[collection] }
