package cloudfront

import (
	"errors"
	"os"
	"reflect"
	"strings"
	"testing"
)

const opening = `<DistributionConfig xmlns="http://cloudfront.amazonaws.com/doc/2020-05-31/">`

func TestDecodeRefuses(t *testing.T) {
	small := config("r", "")
	tests := []struct {
		name, body, code, want string
	}{
		{"API-38: no body", "", "MissingBody", "This operation requires a body."},
		{"API-28: no XML", "{}", "MalformedInput", "Invalid XML document"},
		{"API-28: cut short", small[:len(small)-4], "MalformedInput", "Invalid XML document"},
		{"API-28: another document", "<CachePolicyConfig/>", "MalformedInput", "Invalid XML document"},
		{"API-28: a document type, which could bring entities", `<!DOCTYPE x [<!ENTITY a "b">]>` + small, "MalformedInput", "Invalid XML document"},
		{"API-28: an entity", strings.Replace(small, ">c<", ">&a;<", 1), "MalformedInput", "Invalid XML document"},
		{"API-28: deeper than anything of the API", opening + strings.Repeat("<a>", maxDepth) + strings.Repeat("</a>", maxDepth) + "</DistributionConfig>", "MalformedInput", "elements more than 32 deep"},
		{"API-28: more elements than anything of the API", opening + strings.Repeat("<a/>", maxElements) + "</DistributionConfig>", "MalformedInput", "more than 50000 elements"},
		{"API-304: a word that is not one of the enumeration", strings.Replace(small, "allow-all", "allow-some", 1), "MalformedXML",
			"1 validation error detected: Value 'allow-some' at 'distributionConfig.defaultCacheBehavior.viewerProtocolPolicy' failed to satisfy constraint: Member must satisfy value set: [allow-all, https-only, redirect-to-https]"},
		{"API-28: two at once", strings.Replace(strings.Replace(small, "allow-all", "x", 1), "http-only", "y", 1), "MalformedXML", "2 validation errors detected: "},
		{"API-262: a member is missing", strings.Replace(small, "<Comment>c</Comment>", "", 1), "MalformedXML",
			"Value null at 'distributionConfig.comment' failed to satisfy constraint: Member must not be null"},
		{"API-28: a number that is none", strings.Replace(small, ">80<", ">eighty<", 1), "MalformedXML", "Value 'eighty' at 'distributionConfig.origins.items.1.member.customOriginConfig.hTTPPort'"},
		{"API-05: a flag that is none", strings.Replace(small, "<Enabled>true", "<Enabled>yes", 1), "MalformedXML", "Value 'yes' at 'distributionConfig.enabled'"},
		{"API-28: text where members are wanted", strings.Replace(small, "</Comment>", "</Comment><Logging>on</Logging>", 1), "MalformedXML", "'distributionConfig.logging'"},
		{"API-28: a member twice", strings.Replace(small, "</Comment>", "</Comment><Comment>d</Comment>", 1), "MalformedXML", "Value 'Comment' at 'distributionConfig'"},
		{"API-280: Quantity is not the number of items", strings.Replace(small, "<Quantity>1<", "<Quantity>2<", 1), "InconsistentQuantities", "The value of Quantity and the size of Items don't match."},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := decode([]byte(tt.body), "DistributionConfig")
			var f *Failure
			if !errors.As(err, &f) || f.Code != tt.code || !strings.Contains(f.Message+" "+f.Detail, tt.want) {
				t.Errorf("got %v, want %s with %q", err, tt.code, tt.want)
			}
		})
	}
}

func TestDecodeReads(t *testing.T) {
	small := config("r", "")
	want, err := decode([]byte(small), "DistributionConfig")
	if err != nil {
		t.Fatal(err)
	}
	swapped := strings.Replace(small, "<CallerReference>r</CallerReference>", "", 1)
	swapped = strings.Replace(swapped, "</DistributionConfig>", "<CallerReference>r</CallerReference></DistributionConfig>", 1)
	for name, body := range map[string]string{
		"API-04: members in another order": swapped,
		"API-02: without a namespace":      strings.Replace(small, ` xmlns="http://cloudfront.amazonaws.com/doc/2020-05-31/"`, "", 1),
		"API-02: with a prefix":            strings.NewReplacer("</", "</c:", "<", "<c:", ` xmlns=`, ` xmlns:c=`).Replace(small),
		"indented, with comments":          strings.ReplaceAll(small, "><", ">\n  <!-- x --><") + "\n",
		"API-06: empty Items are none":     strings.Replace(small, "<Comment>", "<X1/><Comment>", 1),
	} {
		t.Run(name, func(t *testing.T) {
			got, err := decode([]byte(body), "DistributionConfig")
			delete(got, "X1")
			if err != nil || !reflect.DeepEqual(got, want) {
				t.Errorf("got %v, %v\nwant %v", got, err, want)
			}
		})
	}
	aliases, err := decode([]byte(strings.Replace(small, "<Comment>", "<Aliases><Quantity>0</Quantity><Items/></Aliases><Comment>", 1)), "DistributionConfig")
	if _, given := sub(aliases, "Aliases")["Items"]; err != nil || given {
		t.Errorf("API-06: empty Items: got %v, %v", aliases["Aliases"], err)
	}
}

// TestWhatIsUnknownComesBack: the API grows, and what is sent is given back.
func TestWhatIsUnknownComesBack(t *testing.T) {
	const more = `<Tomorrow><Mode>on</Mode><Quantity>1</Quantity></Tomorrow>`
	d, err := decode([]byte(config("r", more)), "DistributionConfig")
	if err != nil {
		t.Fatal(err)
	}
	if got := string(encode("DistributionConfig", d)); !strings.Contains(got, more) {
		t.Errorf("got %s, want it to have %s", got, more)
	}
}

// TestGolden compares with documents as CloudFront writes them.
func TestGolden(t *testing.T) {
	w := open(t, nil)
	for _, row := range []struct{ name, file string }{
		{"API-06, API-260, API-262: a distribution with all that was left out", "distribution.xml"},
		{"API-20: an error", "error.xml"},
	} {
		t.Run(row.name, func(t *testing.T) {
			var got string
			if row.file == "error.xml" {
				got = w.call("GET", "/distribution/ENONE", "").body
			} else {
				got = w.created("golden").body
			}
			got = strings.ReplaceAll(got, "><", ">\n<") + "\n"
			if os.Getenv("STALEPROOF_GOLDEN") != "" {
				if err := os.WriteFile("testdata/"+row.file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile("testdata/" + row.file)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("got %s\nwant %s", got, want)
			}
		})
	}
}

// FuzzXML: what is read is written so that it is read the same, and nothing else
// happens, whatever comes.
func FuzzXML(f *testing.F) {
	roots := []string{
		"DistributionConfig", "DistributionConfigWithTags", "InvalidationBatch", "CachePolicyConfig", "OriginRequestPolicyConfig",
		"ResponseHeadersPolicyConfig", "OriginAccessControlConfig", "CloudFrontOriginAccessIdentityConfig", "Tags", "TagKeys",
	}
	f.Add([]byte(config("r", "<Tomorrow><Items><x>1</x><x>2</x></Items></Tomorrow>")), byte(0))
	f.Add([]byte(`<InvalidationBatch><Paths><Quantity>1</Quantity><Items><Path>/&#xD;a&amp;</Path></Items></Paths><CallerReference/></InvalidationBatch>`), byte(2))
	f.Add([]byte(`<Tags><Items><Tag><Key>k</Key><Value/></Tag></Items></Tags>`), byte(8))
	f.Fuzz(func(t *testing.T, body []byte, which byte) {
		if len(body) > maxBodyBytes {
			return
		}
		root := roots[int(which)%len(roots)]
		first, err := decode(body, root)
		if err != nil {
			return
		}
		again, err := decode(encode(root, first), root)
		if err != nil || !reflect.DeepEqual(first, again) {
			t.Errorf("%s: got %v, %v\nwant %v", root, again, err, first)
		}
	})
}
