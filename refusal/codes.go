package refusal

// The refusals by a rule of the collective: 403 with data.policy.code.
const (
	RecipientUnavailable Code = "recipient_unavailable"
	ConsentPending       Code = "consent_pending"
	ConversationClosed   Code = "conversation_closed"
	BlockedByYou         Code = "blocked_by_you"
	AccountLimited       Code = "account_limited"
	AccountSuspended     Code = "account_suspended"
	AccountBanned        Code = "account_banned"
	EditWindowOver       Code = "edit_window_over"
	ModeratorsOnly       Code = "moderators_only"
	SameModerator        Code = "same_moderator"
	Unverified           Code = "unverified"
	NotAllowed           Code = "not_allowed"
)

// The limits that are used up: 429 with data.policy.code.
const (
	RateLimited Code = "rate_limited"
	DailyLimit  Code = "daily_limit"
)

// CodeNotFound is what a pure rule says of something that the caller may not see. No answer carries it: [FromCode]
// makes it a 404.
const CodeNotFound Code = "not_found"

// What is wrong with a text: 400 with data.<field>.code. Package text knows them as strings.
const (
	TooLong           Code = "too_long"
	InvalidUTF8       Code = "invalid_utf8"
	ControlCharacters Code = "control_characters"
	TooManyMarks      Code = "too_many_marks"
	LineBreak         Code = "line_break"
	BidiControl       Code = "bidi_control"
	Blank             Code = "blank"
	ContentBlocked    Code = "content_blocked"
	PersonalData      Code = "personal_data"
)

// What is wrong with a file: 400 with data.<field>.code. Package images knows the first five as strings.
const (
	FileTooLarge      Code = "file_too_large"
	FileType          Code = "file_type"
	PictureTooLarge   Code = "picture_too_large"
	PictureTooComplex Code = "picture_too_complex"
	PictureBroken     Code = "picture_broken"
	Infected          Code = "infected"
	NotScanned        Code = "not_scanned"
)

// What else is wrong with a field: 400 with data.<field>.code.
const (
	WrongType          Code = "wrong_type"
	TooMany            Code = "too_many"
	NotSupported       Code = "not_supported"
	NotInConversation  Code = "not_in_conversation"
	NoPhone            Code = "no_phone"
	NameTaken          Code = "name_taken"
	InvalidLanguage    Code = "invalid_language"
	InvalidTimeZone    Code = "invalid_time_zone"
	InvalidInvitation  Code = "invalid_invitation"
	QueryNotAllowed    Code = "query_not_allowed"
	ImportUnreadable   Code = "import_unreadable"
	SeveralStatements  Code = "several_statements"
	BatchRequestFailed Code = "batch_request_failed" // PocketBase's, around the refusal of one request of a batch
)

// The codes of PocketBase's own validation that a client can meet: 400 with data.<field>.code. Where the same thing is
// wrong, this server answers them too.
const (
	Required           Code = "validation_required"
	InvalidValue       Code = "validation_invalid_value"
	InvalidFormat      Code = "validation_invalid_format"
	UnknownChoice      Code = "validation_in_invalid"
	NotUnique          Code = "validation_not_unique"
	TooShort           Code = "validation_min_text_constraint"
	TextTooLong        Code = "validation_max_text_constraint"
	LengthOutOfRange   Code = "validation_length_out_of_range"
	LengthTooLong      Code = "validation_length_too_long"
	LengthInvalid      Code = "validation_length_invalid"
	MatchInvalid       Code = "validation_match_invalid"
	NotANumber         Code = "validation_not_a_number"
	NoWholeNumber      Code = "validation_only_int_constraint"
	BelowMinimum       Code = "validation_min_number_constraint"
	AboveMaximum       Code = "validation_max_number_constraint"
	BelowThreshold     Code = "validation_min_greater_equal_than_required"
	TooManyValues      Code = "validation_too_many_values"
	TooManyFiles       Code = "validation_too_many_files"
	InvalidFile        Code = "validation_invalid_file"
	MissingRecord      Code = "validation_missing_rel_records"
	InvalidRecord      Code = "validation_invalid_record"
	InvalidEmail       Code = "validation_is_email"
	InvalidNewEmail    Code = "validation_invalid_new_email"
	EmailDomain        Code = "validation_email_domain_not_allowed"
	InvalidPassword    Code = "validation_invalid_password"
	InvalidOldPassword Code = "validation_invalid_old_password"
	ValuesMismatch     Code = "validation_values_mismatch"
	InvalidToken       Code = "validation_invalid_token"
	InvalidTokenClaims Code = "validation_invalid_token_claims"
	TokenOfOthers      Code = "validation_token_collection_mismatch"
	TokenEmail         Code = "validation_token_email_mismatch"
	InvalidID          Code = "validation_pk_invalid"
	InvalidOrTakenID   Code = "validation_invalid_or_existing_id"
	InvalidDate        Code = "validation_date_invalid"
	InvalidJSON        Code = "validation_invalid_json"
)

// byKind lists every code with the kind of the refusals that carry it.
var byKind = []struct {
	kind  Kind
	codes []Code
}{
	{KindPolicy, []Code{
		RecipientUnavailable, ConsentPending, ConversationClosed, BlockedByYou, AccountLimited, AccountSuspended,
		AccountBanned, EditWindowOver, ModeratorsOnly, SameModerator, Unverified, NotAllowed,
	}},
	{KindLimit, []Code{RateLimited, DailyLimit}},
	{KindField, []Code{
		TooLong, InvalidUTF8, ControlCharacters, TooManyMarks, LineBreak, BidiControl, Blank, ContentBlocked, PersonalData,
		FileTooLarge, FileType, PictureTooLarge, PictureTooComplex, PictureBroken, Infected, NotScanned,
		WrongType, TooMany, NotSupported, NotInConversation, NoPhone, NameTaken, InvalidLanguage, InvalidTimeZone,
		InvalidInvitation, QueryNotAllowed, ImportUnreadable, SeveralStatements, BatchRequestFailed,
		Required, InvalidValue, InvalidFormat, UnknownChoice, NotUnique, TooShort, TextTooLong, LengthOutOfRange,
		LengthTooLong, LengthInvalid, MatchInvalid, NotANumber, NoWholeNumber, BelowMinimum, AboveMaximum, BelowThreshold,
		TooManyValues, TooManyFiles, InvalidFile, MissingRecord, InvalidRecord, InvalidEmail, InvalidNewEmail, EmailDomain,
		InvalidPassword, InvalidOldPassword, ValuesMismatch, InvalidToken, InvalidTokenClaims, TokenOfOthers, TokenEmail,
		InvalidID, InvalidOrTakenID, InvalidDate, InvalidJSON,
	}},
}

// All returns every code that an answer can carry, in the order of this file.
func All() []Code {
	var all []Code
	for _, list := range byKind {
		all = append(all, list.codes...)
	}
	return all
}

// Kind returns the kind of the refusals that carry the code; [Any] for a code that is not listed.
func (c Code) Kind() Kind {
	for _, list := range byKind {
		for _, code := range list.codes {
			if code == c {
				return list.kind
			}
		}
	}
	return Any
}

// sentences are for the codes of policies and limits. A wrong field has a sentence that says what to write there.
var sentences = map[Code]string{
	RecipientUnavailable: "You can't message this member.",
	ConsentPending:       "Wait until your request has been answered.",
	ConversationClosed:   "This conversation is closed. Start a new one to write again.",
	BlockedByYou:         "You have blocked this member. Unblock them to write to them.",
	AccountLimited:       "Your account is limited. Your standing shows what you may do and how to appeal.",
	AccountSuspended:     "Your account is suspended. Your standing shows for how long and how to appeal.",
	AccountBanned:        "Your account is banned. Your standing shows why and how to appeal.",
	EditWindowOver:       "You can no longer edit this message. Write a new one instead.",
	ModeratorsOnly:       "Only moderators can do this.",
	SameModerator:        "Another moderator must decide this.",
	Unverified:           "Confirm your e-mail address first.",
	NotAllowed:           "You can't do this here.",
	RateLimited:          "You are doing this too fast. Wait a little and try again.",
	DailyLimit:           "You have reached today's limit. Try again later.",
}
