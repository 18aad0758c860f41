package proxy

import (
	"fmt"
	"net/http"
	"slices"
	"time"
)

// What may be in progress for one distribution at a time. [INV-17], [INV-18]
const (
	maxFiles     = 3000
	maxWildcards = 15
)

// quota refuses what is too much beside what is in progress. Files and wildcards
// are counted apart.
func (o order) quota(files, wildcards int, now time.Time) error {
	otherFiles, otherWildcards := o.inProgress(now)
	what := ""
	switch {
	case files > 0 && files+otherFiles > maxFiles:
		what = fmt.Sprintf("%d paths would be in progress, %d may", files+otherFiles, maxFiles)
	case wildcards > 0 && wildcards+otherWildcards > maxWildcards:
		what = fmt.Sprintf("%d wildcard paths would be in progress, %d may", wildcards+otherWildcards, maxWildcards)
	default:
		return nil
	}
	return &APIError{http.StatusBadRequest, "TooManyInvalidationsInProgress", what + "; wait until some are completed"}
}

// order are the invalidations of one distribution in the order in which they are
// completed. Each has the paths of all up to it, itself included, so that what is in
// progress is a difference, at any time, however many were completed before.
type order []total

type total struct {
	completed        time.Time
	files, wildcards int
}

// inProgress is how many paths are not completed at now.
func (o order) inProgress(now time.Time) (files, wildcards int) {
	all, done := o.upTo(len(o)), o.upTo(o.completed(now))
	return all.files - done.files, all.wildcards - done.wildcards
}

// completed is how many are completed at now.
func (o order) completed(now time.Time) int {
	n, _ := slices.BinarySearchFunc(o, now, func(t total, now time.Time) int {
		if t.completed.After(now) {
			return 1
		}
		return -1
	})
	return n
}

// upTo is the total of the first n.
func (o order) upTo(n int) total {
	if n == 0 {
		return total{}
	}
	return o[n-1]
}

// with is the order with another invalidation in its place, which is the last one but
// for what other programs sent.
func (o order) with(files, wildcards int, completed time.Time) order {
	i := o.completed(completed)
	before := o.upTo(i)
	o = slices.Insert(o, i, total{completed, before.files, before.wildcards})
	for j := i; j < len(o); j++ {
		o[j].files += files
		o[j].wildcards += wildcards
	}
	return o
}
