// Package moderation decides what follows from reports, flags and held messages: cases and who may decide them, evidence,
// decisions, penalties and the ladder, the standing of members, appeals, dialogues with members, and the upkeep that comes with time.
// Its sub-package screening checks texts. It knows no HTTP.
package moderation
