package collections

// Choosable are the notification types that a member may switch off for a channel. The rest is about the member's own
// safety and standing: the app always shows it.
var Choosable = []string{
	NoticeMessage, NoticeRequest, NoticeAccepted, NoticeHelpUpdate, NoticeReportResolved, NoticePenalty, NoticePenaltyLifted,
	NoticeAppealDecided, NoticeApproved, NoticeCase, NoticeQuestion,
}

// Hushable are those that may be switched off in the app.
var Hushable = []string{NoticeMessage, NoticeAccepted, NoticeHelpUpdate, NoticeReportResolved, NoticeApproved, NoticeCase}

// The names of the channels in a member's preferences.
const (
	InApp   = "in_app"
	ByPush  = "push"
	ByEmail = "email"
)

// Choice holds the member's preferences by type and channel.
func (p *PreferencesRecord) Choice() map[string]map[string]bool {
	choice := map[string]map[string]bool{}
	_ = p.UnmarshalJSONField("notify", &choice) // an empty column means no preference
	return choice
}

// Push reports whether the member wants push notifications.
func (p *PreferencesRecord) Push() bool { return p.GetBool("push_notifications") }

// Email reports whether the member wants mails.
func (p *PreferencesRecord) Email() bool { return p.GetBool("email_notifications") }

// RefuseEmail switches mails off, for the link in a mail.
func (p *PreferencesRecord) RefuseEmail() {
	p.Set("email_notifications", false)
	if p.StandIn() == ChannelEmail {
		p.Set("stand_in", "")
	}
}

// ShowText reports whether the member wants texts and names outside the app.
func (p *PreferencesRecord) ShowText() bool { return p.GetBool("show_text") }

// LetThrough are the contacts whose messages do not wait during the member's quiet hours.
func (p *PreferencesRecord) LetThrough() []string { return p.GetStringSlice("let_through") }

// LetThroughUrgent reports whether urgent help requests do not wait either.
func (p *PreferencesRecord) LetThroughUrgent() bool { return p.GetBool("let_through_urgent") }

// StandIn is the channel that replaces a failed one, or empty.
func (p *PreferencesRecord) StandIn() string { return p.GetString("stand_in") }

// EmailFailed reports whether the member's address refuses mails.
func (p *PreferencesRecord) EmailFailed() bool { return !p.GetDateTime("email_failed_at").IsZero() }

// SwitchedChannels reports whether a change touches which channels are on; then no channel replaces another any more.
func (p *PreferencesRecord) SwitchedChannels() bool {
	before := p.ProxyRecord().Original()
	return p.Push() != before.GetBool("push_notifications") || p.Email() != before.GetBool("email_notifications")
}

// TrustChannels clears the record of failed channels: the member has changed something about them.
func (p *PreferencesRecord) TrustChannels() {
	p.Set("stand_in", "")
	p.Set("email_failed_at", "")
}
