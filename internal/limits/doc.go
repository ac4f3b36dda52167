// Package limits keeps how much of each limit is used up, in the database, so that it holds after a restart.
package limits
