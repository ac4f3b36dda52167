// Package changes collects what a transaction changes and passes it on after the commit, in the order of commits.
package changes
