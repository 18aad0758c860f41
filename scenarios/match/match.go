// Package match has Gomega matchers for what an edge answers, so that a Ginkgo
// suite reads well:
//
//	Expect(client.Get(url)).To(match.Result("Hit"))
//	Expect(client.Get(url)).To(match.Age(BeNumerically("<", 60)))
//	Expect(client.Get(url)).To(match.Body(HavePrefix("body{")))
//
// Each of them reads the body to its end and leaves it to be read again.
package match

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/onsi/gomega"
	"github.com/onsi/gomega/types"
)

var errNoResponse = errors.New("the actual value is no *http.Response")

// Result matches a response whose X-Cache says so: "Hit", "Miss", "RefreshHit",
// "Error" or another of CloudFront's words. [XC-01]
func Result(want string) types.GomegaMatcher {
	return gomega.WithTransform(func(actual any) (string, error) {
		res, err := response(actual)
		if err != nil {
			return "", err
		}
		return strings.TrimSuffix(res.Header.Get("X-Cache"), " from cloudfront"), nil
	}, gomega.Equal(want))
}

// Age matches a response whose Age, in whole seconds, matches; without Age it
// never does. [XC-06]
func Age(want any) types.GomegaMatcher {
	return gomega.WithTransform(func(actual any) (int, error) {
		res, err := response(actual)
		if err != nil {
			return 0, err
		}
		age, err := strconv.Atoi(res.Header.Get("Age"))
		if err != nil {
			return 0, fmt.Errorf("the response has no Age; its X-Cache is %q", res.Header.Get("X-Cache"))
		}
		return age, nil
	}, matcher(want))
}

// NoAge matches a response that has no Age, as a Miss and a RefreshHit have none.
// [XC-04], [XC-07]
func NoAge() types.GomegaMatcher {
	return gomega.WithTransform(func(actual any) ([]string, error) {
		res, err := response(actual)
		if err != nil {
			return nil, err
		}
		return res.Header.Values("Age"), nil
	}, gomega.BeEmpty())
}

// Body matches a response whose body matches, as text.
func Body(want any) types.GomegaMatcher {
	return gomega.WithTransform(func(actual any) (string, error) {
		res, err := response(actual)
		if err != nil {
			return "", err
		}
		body, ok := res.Body.(*bodyRead)
		if !ok {
			return "", nil
		}
		b := make([]byte, body.Size())
		body.ReadAt(b, 0)
		return string(b), nil
	}, matcher(want))
}

// response is the actual response, whose body has been read to its end and can be
// read again: until then the edge may still be storing it.
func response(actual any) (*http.Response, error) {
	res, ok := actual.(*http.Response)
	if !ok || res == nil {
		return nil, errNoResponse
	}
	if _, read := res.Body.(*bodyRead); read || res.Body == nil {
		return res, nil
	}
	b, err := io.ReadAll(res.Body)
	res.Body.Close()
	res.Body = &bodyRead{bytes.NewReader(b)}
	if err != nil {
		return nil, fmt.Errorf("read the body: %w", err)
	}
	return res, nil
}

type bodyRead struct{ *bytes.Reader }

func (*bodyRead) Close() error { return nil }

// matcher is want, or equality with it.
func matcher(want any) types.GomegaMatcher {
	if m, ok := want.(types.GomegaMatcher); ok {
		return m
	}
	return gomega.Equal(want)
}
