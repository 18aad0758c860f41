package distribution

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"

	"staleproof/cachepolicy"
)

// AWS writes distributions as the AWS command line prints them, one JSON document
// after the other: first get-cache-policy, get-origin-request-policy and
// get-response-headers-policy for each policy that is not CloudFront's own, then
// get-distribution-config, with the id and the domain name beside it. [CFG-01] to
// [CFG-03]
//
// [ReadSources] reads the same distributions back. A policy without an id or a name
// gets one made from its content, since AWS knows policies by their ids. The notes
// name what AWS has no setting for.
func AWS(ds ...*Distribution) ([]byte, []Note) {
	w := &amazonWriter{ids: map[string]string{}, names: map[string]string{}}
	var configs []byte
	for _, d := range ds {
		w.prefix = ""
		if len(ds) > 1 {
			w.prefix = d.ID + ": "
		}
		doc := section{{"Id", d.ID}, {"DomainName", d.Domain}, {"DistributionConfig", w.config(d)}}
		configs = append(renderJSON(configs, doc, ""), '\n')
	}
	return append(w.policies, configs...), w.notes
}

// amazonWriter collects the policies that distributions have.
type amazonWriter struct {
	policies []byte
	// ids and names that are given away, each with what it was given to.
	ids, names map[string]string
	notes      []Note
	prefix     string
}

func (w *amazonWriter) note(path, format string, args ...any) {
	w.notes = append(w.notes, Note{Path: w.prefix + path, Message: fmt.Sprintf(format, args...)})
}

// config is a DistributionConfig. [CFG-60] to [CFG-95]
func (w *amazonWriter) config(d *Distribution) section {
	if d.Emulation != (cachepolicy.Emulation{}) {
		w.note("emulation", "AWS has no such settings: left out")
	}
	var origins, groups, errors []section
	for i := range d.Origins {
		origins = append(origins, w.origin(&d.Origins[i]))
	}
	for _, g := range d.OriginGroups {
		members := []section{{{"OriginId", g.Primary}}, {{"OriginId", g.Secondary}}}
		groups = append(groups, section{{"Id", g.ID}, {"FailoverCriteria", section{{"StatusCodes", wrapped(g.Statuses)}}}, {"Members", wrapped(members)}})
	}
	for _, e := range d.ErrorResponses {
		status := ""
		if e.Status != 0 {
			status = fmt.Sprint(e.Status)
		}
		errors = append(errors, section{{"ErrorCode", e.Code}, {"ResponsePagePath", e.Page}, {"ResponseCode", status}, {"ErrorCachingMinTTL", seconds(e.MinTTL)}})
	}
	var behaviors []section
	for i := range d.Behaviors {
		at := index("cacheBehaviors", i)
		if i == len(d.Behaviors)-1 {
			at = "defaultCacheBehavior"
		}
		behaviors = append(behaviors, w.behavior(&d.Behaviors[i], at))
	}
	s := section{{"CallerReference", d.ID}, {"Aliases", wrapped(d.Aliases)}, {"DefaultRootObject", d.DefaultRootObject},
		{"Origins", wrapped(origins)}, {"OriginGroups", wrapped(groups)}}
	if last := len(behaviors) - 1; last >= 0 {
		s = append(s, entry{"DefaultCacheBehavior", behaviors[last][1:]}, entry{"CacheBehaviors", wrapped(behaviors[:last])}) // the first without its pattern
	}
	s = append(s, entry{"CustomErrorResponses", wrapped(errors)}, entry{"Comment", d.Comment}, entry{"Enabled", d.Enabled})
	if d.TagHeader != "" {
		s = append(s, entry{"CacheTagConfig", section{{"HeaderName", d.TagHeader}}})
	}
	return s
}

// wrapped wraps a list as the API does. [CFG-02]
func wrapped[T any](items []T) section {
	s := section{{"Quantity", len(items)}}
	if len(items) > 0 {
		s = append(s, entry{"Items", items})
	}
	return s
}

func seconds(d time.Duration) int { return int(d / time.Second) }

// origin is [CFG-68] to [CFG-76].
func (w *amazonWriter) origin(o *Origin) section {
	at, usual := join("origins", o.ID), newOrigin(o.ID)
	if o.URL != "" {
		w.note(at+".url", "AWS has no such setting: left out, the origin is %s", o.Domain)
	}
	var headers []section
	for _, h := range o.Headers {
		headers = append(headers, section{{"HeaderName", h.Name}, {"HeaderValue", h.Value}})
	}
	s := section{{"Id", o.ID}, {"DomainName", o.Domain}, {"OriginPath", o.Path}, {"CustomHeaders", wrapped(headers)}}
	if o.S3 {
		in := section{{"OriginAccessIdentity", ""}}
		in.add("OriginReadTimeout", seconds(o.ReadTimeout), seconds(usual.ReadTimeout))
		s = append(s, entry{"S3OriginConfig", in})
		if o.Protocol != usual.Protocol || o.HTTPPort != usual.HTTPPort || o.HTTPSPort != usual.HTTPSPort || o.KeepAlive != usual.KeepAlive {
			w.note(at, "an S3 origin of AWS has no protocol, ports and keepAlive: left out")
		}
	} else {
		s = append(s, entry{"CustomOriginConfig", section{
			{"HTTPPort", o.HTTPPort}, {"HTTPSPort", o.HTTPSPort}, {"OriginProtocolPolicy", wordFor(o.Protocol, originProtocols)},
			{"OriginReadTimeout", seconds(o.ReadTimeout)}, {"OriginKeepaliveTimeout", seconds(o.KeepAlive)},
		}})
	}
	return append(s, entry{"ConnectionAttempts", o.ConnectionAttempts}, entry{"ConnectionTimeout", seconds(o.ConnectionTimeout)})
}

// derivedID is an id made from a text, in the form of a policy's. [API-11]
func derivedID(of string) string {
	sum := sha256.Sum256([]byte(of))
	h := hex.EncodeToString(sum[:16])
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}
