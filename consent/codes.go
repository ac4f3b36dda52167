package consent

// The refusal codes of this package, as clients see them. The layer above turns them into answers.
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

// NotFound is the only code that is not a policy: the caller no longer sees the conversation, so the answer is
// 404, the same as for one that does not exist.
const NotFound = "not_found"
