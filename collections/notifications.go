package collections

import "github.com/pocketbase/pocketbase/core"

// The types of notifications about safety.
const (
	NoticeReportResolved = "report_resolved"
	NoticePenalty        = "penalty"
	NoticePenaltyLifted  = "penalty_lifted"
	NoticeAppealDecided  = "appeal_decided"
	NoticeApproved       = "message_approved"
	NoticeCase           = "moderation_case"
	NoticeQuestion       = "moderation_question"
)

// Notify leaves a member a notification, in the transaction of app: it stands or falls with what it tells. title and body
// are for everybody who looks over a shoulder to read: never a message's text, never another member's name.
func Notify(app core.App, user, kind, title, body string) error {
	collection, err := app.FindCachedCollectionByNameOrId(Notifications)
	if err != nil {
		return err
	}
	notice := core.NewRecord(collection)
	notice.Set("user", user)
	notice.Set("type", kind)
	notice.Set("title", title)
	notice.Set("body", body)
	return app.Save(notice)
}

// NotifyModerators leaves every moderator but one a notification.
func NotifyModerators(app core.App, but, title, body string) error {
	moderators, err := FindModerators(app)
	if err != nil {
		return err
	}
	for _, m := range moderators {
		if m.Id == but {
			continue
		}
		if err := Notify(app, m.Id, NoticeCase, title, body); err != nil {
			return err
		}
	}
	return nil
}
