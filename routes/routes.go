// Package routes contains the HTTP endpoints of the contract beside PocketBase's own, one file per resource. A route reads
// the request, asks a pure package or saves a record (whose gates decide), and shows the result through package views.
package routes

import (
	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/router"

	"carecollective/collections"
	"carecollective/consent"
	"carecollective/internal/bind"
	"carecollective/messaging"
)

// Publisher sends events that are not stored to members who are online.
type Publisher interface {
	// Typing tells the members in recipients that user is typing in a conversation, or has stopped.
	Typing(conversation, user string, recipients []string, isTyping bool)
	// Fetched records that member has fetched the messages of a conversation up to seq.
	Fetched(conversation, member string, seq int)
	// Await starts waiting for something new that member sees in a conversation: news is closed when there may be something,
	// and leave ends the waiting. ok is false if waiting is not possible.
	Await(conversation string, member *core.Record) (news <-chan struct{}, leave func(), ok bool)
}

// Register binds every route to the app's router once it serves.
func Register(app core.App, live Publisher) {
	app.OnFileDownloadRequest(collections.Users).Bind(bind.Handler("routes.avatar", serveAvatar))
	app.OnServe().Bind(bind.Handler("routes.serve", func(e *core.ServeEvent) error {
		e.Router.Bind(bind.Handler("routes.banned", keepOutBanned))
		bindAll(e, live)
		return e.Next()
	}))
}

func bindAll(e *core.ServeEvent, live Publisher) {
	api := e.Router.Group("/api")
	api.Bind(apis.RequireAuth(collections.Users))

	api.GET("/conversations", listConversations)
	api.POST("/conversations", startConversation)
	api.GET("/conversations/{id}", viewConversation)
	api.GET("/conversations/{id}/messages", listMessages(live))
	api.POST("/conversations/{id}/messages", sendMessage)
	api.POST("/conversations/{id}/accept", step(consent.StepAccept))
	api.POST("/conversations/{id}/decline", step(consent.StepDecline))
	api.POST("/conversations/{id}/leave", step(consent.StepLeave))
	api.POST("/conversations/{id}/close", step(consent.StepClose))
	api.POST("/conversations/{id}/block", blockOther)
	api.DELETE("/conversations/{id}/block", unblockOther)
	api.POST("/conversations/{id}/typing", typing(live))
	api.POST("/conversations/{id}/contact", askForContact)
	api.GET("/conversations/{id}/retention", viewRetention)
	api.POST("/conversations/{id}/retention", wishRetention)

	api.POST("/contacts/{id}/accept", answerContact(messaging.AcceptContact))
	api.POST("/contacts/{id}/decline", answerContact(messaging.DeclineContact))
	api.POST("/contacts/{id}/withdraw", answerContact(messaging.WithdrawContact))

	api.GET("/messages/{id}/attachments/{name}", viewAttachment)
	api.GET("/messages/search", searchMessages)
	api.PUT("/messages/{id}/read", markRead)
	api.POST("/messages/{id}/report", reportMessage)
	api.POST("/users/{id}/report", reportMember)
	api.POST("/help_requests/{id}/report", reportHelpRequest)
	api.POST("/conversations/{id}/report", reportConversation)
	api.POST("/moderation/appeals", appeal)
	bindModeration(api.Group("/moderation"))

	api.POST("/conversations/{id}/mute", muteConversation)
	api.DELETE("/conversations/{id}/mute", unmuteConversation)
	api.POST("/notifications/read", readNotifications)
	api.GET("/push/key", viewPushKey)
	api.GET("/push/subscriptions", listSubscriptions)
	api.POST("/push/subscriptions", subscribeDevice)
	api.DELETE("/push/subscriptions/{id}", unsubscribeDevice)
	api.POST("/push/test", testDevices)

	api.GET("/messaging/preferences", viewPreferences)
	api.PUT("/messaging/preferences", updatePreferences)
	api.GET("/messaging/permissions", viewPermissions)
	api.GET("/messaging/standing", viewStanding)
	api.GET("/messaging/guidelines", viewGuidelines)
	api.POST("/messaging/guidelines/accept", acceptGuidelines)

	api.GET("/me/audit", viewAudit)
	api.GET("/me/sessions", listSessions)
	api.DELETE("/me/sessions", endAllSessions)
	api.DELETE("/me/sessions/{id}", endSession)

	api.POST("/me/export", askExport)
	api.GET("/me/export/{id}", viewExport)
	api.GET("/me/export/{id}/download", downloadExport)
	api.GET("/me/erase", viewErasure)
	api.POST("/me/erase", askErasure)
	api.DELETE("/me/erase", takeBackErasure)

	api.GET("/reports/{id}/dialogue", viewDialogue(reportParty))
	api.POST("/reports/{id}/dialogue", sayInDialogue(reportParty))
	api.GET("/appeals/{id}/dialogue", viewDialogue(appealParty))
	api.POST("/appeals/{id}/dialogue", sayInDialogue(appealParty))
}

func bindModeration(group *router.RouterGroup[*core.RequestEvent]) {
	group.Bind(moderatorsOnly)
	group.GET("/queue", viewQueue)
	group.GET("/queue/{id}/attachments/{name}", viewEvidencePicture)
	group.POST("/queue/{id}/claim", claimCase)
	group.POST("/queue/{id}/resolve", resolveCase)
	group.POST("/reports/{id}/resolve", resolveReport)
	group.GET("/users/{id}", viewModerated)
	group.POST("/users/{id}/restrict", restrict)
	group.POST("/users/{id}/lift", lift)
	group.GET("/appeals", listAppeals)
	group.POST("/appeals/{id}/decide", decideAppeal)
	group.GET("/metrics", viewMetrics)
	group.POST("/screen", tryScreening)
}
