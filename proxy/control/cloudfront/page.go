package cloudfront

import (
	"net/http"
	"slices"
	"strconv"
)

// maxItems is the length of a page, unless less is asked for. [API-48]
const maxItems = 100

// page cuts one out of a list: what comes after the marker, which is the id of the
// last one on the page before. [API-46] to [API-48]
func page[T any](c *call, all []T, id func(T) string) ([]T, tree, error) {
	q := c.URL.Query()
	size, marker := maxItems, q.Get("Marker")
	if s := q.Get("MaxItems"); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil || n < 1 {
			return nil, nil, refusal("InvalidArgument", "The parameter MaxItems is not valid.")
		}
		size = min(n, maxItems)
	}
	if marker != "" {
		i := slices.IndexFunc(all, func(v T) bool { return id(v) == marker })
		if i < 0 {
			return nil, nil, refusal("InvalidArgument", "The parameter Marker is not valid.")
		}
		all = all[i+1:]
	}
	t := tree{"Marker": marker, "MaxItems": number(size), "IsTruncated": len(all) > size}
	if len(all) > size {
		all = all[:size]
		t["NextMarker"] = id(all[size-1])
	}
	t["Quantity"] = number(len(all))
	return all, t, nil
}

// paged is a list's page as a document. Short ones have neither Marker nor
// IsTruncated. [API-47]
func paged[T any](c *call, root string, all []T, id func(T) string, item func(T) any) (*reply, error) {
	these, t, err := page(c, all, id)
	if err != nil {
		return nil, err
	}
	if shapeOf(root).member("Marker") == nil {
		delete(t, "Marker")
		delete(t, "IsTruncated")
	}
	var listed []any
	for _, v := range these {
		listed = append(listed, item(v))
	}
	t["Items"] = listed
	return &reply{root: root, document: t}, nil
}

func recordID(r *record) string { return r.ID }

// matched compares If-Match, which clients send with quotes or without, with the
// ETag of a resource. [API-10], [API-41]
func matched(h http.Header, etag string) error {
	given := h.Get("If-Match")
	if n := len(given); n > 1 && given[0] == '"' && given[n-1] == '"' {
		given = given[1 : n-1]
	}
	switch given {
	case "":
		return refusal("InvalidIfMatchVersion", "there is no If-Match")
	case etag:
		return nil
	}
	return refusal("PreconditionFailed", "If-Match is "+shortened(given)+", the ETag is "+etag)
}
