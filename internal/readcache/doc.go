// Package readcache keeps what every request reads in memory: the caller, their standing and the settings.
package readcache
