package consent

// The refusals of this package. They are spelled as the clients see them; the layer above turns them into answers.
const (
	recipientUnavailable = "recipient_unavailable"
	consentPending       = "consent_pending"
	conversationClosed   = "conversation_closed"
	blockedByYou         = "blocked_by_you"
	accountLimited       = "account_limited"
	accountSuspended     = "account_suspended"
	accountBanned        = "account_banned"
	notAllowed           = "not_allowed"
	dailyLimit           = "daily_limit"
)

// NotFound is the one code that is no policy: the caller does not see the conversation any more, so the answer is
// 404, the same as for one that does not exist.
const NotFound = "not_found"
