package cloudfront

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"
)

// Quotas of tags, those of AWS in general.
const (
	maxTags     = 50
	maxTagKey   = 128
	maxTagValue = 256
)

// tagged finds the resource that an ARN names. Only distributions have tags here.
func (a *API) tagged(c *call) (*record, error) {
	arn := c.URL.Query().Get("Resource")
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) != 6 || parts[0] != "arn" || parts[2] != "cloudfront" || parts[3] != "" { // [API-12]
		return nil, refusal("InvalidArgument", "The parameter Resource is not the ARN of a CloudFront resource.")
	}
	collection, id, _ := strings.Cut(parts[5], "/")
	if r := a.shelf[distributions][id]; r != nil && collection == distributions {
		return r, nil
	}
	return nil, refusal("NoSuchResource", "there is no "+shortened(parts[5])+", or it has no tags here")
}

func (a *API) listTags(c *call) (*reply, error) {
	r, err := a.tagged(c)
	if err != nil {
		return nil, err
	}
	all := []any{}
	for _, key := range slices.Sorted(maps.Keys(r.Tags)) {
		all = append(all, tree{"Key": key, "Value": r.Tags[key]})
	}
	return &reply{root: "Tags", document: tree{"Items": all}}, nil
}

// changeTags is TagResource and UntagResource. [API-07], [API-204]
func (a *API) changeTags(c *call) (*reply, error) {
	old, err := a.tagged(c)
	if err != nil {
		return nil, err
	}
	tags := map[string]string{}
	maps.Copy(tags, old.Tags)
	switch c.URL.Query().Get("Operation") {
	case "Tag":
		document, err := decode(c.body, "Tags")
		if err != nil {
			return nil, err
		}
		if err := addTags(tags, document); err != nil {
			return nil, err
		}
	case "Untag":
		document, err := decode(c.body, "TagKeys")
		if err != nil {
			return nil, err
		}
		keys, _ := document["Items"].([]any)
		for _, key := range keys {
			delete(tags, key.(string))
		}
	default:
		return nil, refusal("InvalidURI", "want Operation=Tag or Operation=Untag")
	}
	r := *old
	r.Tags = tags
	if err := a.keep(distributions, &r); err != nil {
		return nil, err
	}
	return &reply{status: http.StatusNoContent}, nil
}

// addTags puts those of a document beside what there is.
func addTags(tags map[string]string, document tree) error {
	added, _ := document["Items"].([]any)
	for _, item := range added {
		tag, _ := item.(tree)
		key, value := text(tag, "Key"), text(tag, "Value")
		switch {
		case key == "" || utf8.RuneCountInString(key) > maxTagKey || utf8.RuneCountInString(value) > maxTagValue:
			return refusal("InvalidTagging", "A tag has a key of 1 to 128 characters and a value of at most 256.")
		case strings.HasPrefix(strings.ToLower(key), "aws:"):
			return refusal("InvalidTagging", "A tag key cannot begin with aws:.")
		}
		tags[key] = value
	}
	if len(tags) > maxTags {
		return refusal("InvalidTagging", "A resource has at most 50 tags.")
	}
	return nil
}
