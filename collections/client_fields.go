package collections

// clientFields are the fields that a member's own request may set, by collection; everything else in a body is ignored.
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

// ClientFields are the fields of a collection that a member's own request may set, by hooks or rules narrowed further.
func ClientFields(collection string) []string { return clientFields[collection] }
