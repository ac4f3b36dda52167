// Package linear trains and applies linear models over hashed features.
package linear
