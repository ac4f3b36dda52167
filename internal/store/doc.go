// Package store runs queries for the packages that know the database, and keeps the services of an app. It knows no collection.
package store
