// Package attachments receives pictures, has them scanned and made harmless, and stores them sealed: those of messages in bundles,
// and avatars. Its sub-packages decode and scale pictures and speak with a virus scanner.
package attachments
