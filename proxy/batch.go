package proxy

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"staleproof/cachepolicy"
)

// Batch is an invalidation to send. CallerReference makes sending it again
// harmless; empty: each is a new one. [INV-22]
type Batch struct {
	Distribution    string // id; "": the only one there is
	CallerReference string
	Items           []string // paths and #tags
}

// APIError is a refusal with the name that CloudFront's API gives it.
type APIError struct {
	Status int    // of the API's answer
	Code   string // "TooManyInvalidationsInProgress"
	What   string
}

func (e *APIError) Error() string { return e.Code + ": " + e.What }

// ReadBatch reads an invalidation batch as the AWS command line takes it:
//
//	{"Paths": {"Quantity": 1, "Items": ["/a"]}, "CallerReference": "x"}
//
// [INV-24]
func ReadBatch(b []byte) (Batch, error) {
	if len(bytes.TrimSpace(b)) == 0 {
		return Batch{}, &APIError{http.StatusBadRequest, "MissingBody", "the request has no body"}
	}
	var in struct {
		Paths struct {
			Quantity int
			Items    []string
		}
		CallerReference string
	}
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&in); err != nil {
		return Batch{}, &APIError{http.StatusBadRequest, "MalformedInput", err.Error()}
	}
	if in.Paths.Quantity != len(in.Paths.Items) {
		return Batch{}, &APIError{http.StatusBadRequest, "InconsistentQuantities",
			fmt.Sprintf("Paths.Quantity is %d, but there are %d items", in.Paths.Quantity, len(in.Paths.Items))}
	}
	return Batch{CallerReference: in.CallerReference, Items: in.Paths.Items}, nil
}

// check says what is wrong with the items, whatever else is in progress. [INV-03],
// [INV-12], [INV-17]
func (b *Batch) check() error {
	if len(b.Items) == 0 {
		return &APIError{http.StatusBadRequest, "InvalidArgument", "an invalidation needs at least one path"}
	}
	for _, item := range b.Items {
		if err := cachepolicy.CheckItem(item); err != nil {
			return &APIError{http.StatusBadRequest, "InvalidArgument", err.Error()}
		}
	}
	if files, _ := count(b.Items); files > maxFiles {
		return &APIError{http.StatusRequestEntityTooLarge, "BatchTooLarge",
			fmt.Sprintf("an invalidation has at most %d paths, not %d", maxFiles, files)}
	}
	return nil
}

// same reports whether both have the same paths, in any order.
func (b *Batch) same(items []string) bool {
	return slices.Equal(slices.Sorted(slices.Values(b.Items)), slices.Sorted(slices.Values(items)))
}

// count tells wildcards from the rest; tags count like files. [INV-18], [INV-32]
func count(items []string) (files, wildcards int) {
	for _, item := range items {
		if strings.HasPrefix(item, "/") && strings.HasSuffix(item, "*") {
			wildcards++
		} else {
			files++
		}
	}
	return files, wildcards
}
