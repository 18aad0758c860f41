package e2e

import (
	"bytes"
	"encoding/json"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

var _ = Describe("media files", func() {
	var t *stage
	var apache *server
	blue, red := picture(color.RGBA{B: 128, A: 255}), picture(color.RGBA{R: 139, A: 255})

	// shown is what a fresh visitor gets at the URL that Django's storage gave.
	shown := func(url string) []byte {
		GinkgoHelper()
		status, body := t.visitor().get(url)
		Expect(status).To(Equal(200), "%s: %s", url, body)
		return body
	}

	BeforeEach(func() {
		t = setUp(pathStrategy, 1, queryLeftOut)
		apache = t.servers[0]
	})

	It("are safe under unique names, which Django gives as long as the old file is there", func() {
		one, two := media(apache.upload("/upload/", "cat.gif", blue)), media(apache.upload("/upload/", "cat.gif", red))
		Expect(two.Name).NotTo(Equal(one.Name))
		Expect(shown(one.URL)).To(Equal(blue))
		Expect(shown(two.URL)).To(Equal(red))
		Expect(shown(one.URL)).To(Equal(blue))
	})

	It("T16: are stale when cat.gif is deleted and uploaded again", func() {
		one := media(apache.upload("/upload/", "cat.gif", blue))
		Expect(shown(one.URL)).To(Equal(blue))
		apache.remove(one.Name)
		two := media(apache.upload("/upload/", "cat.gif", red))
		Expect(two).To(Equal(one), "the name is free again, and so is its URL")
		Expect(shown(two.URL)).To(Equal(blue), "the deleted cat")
		t.advance(day + time.Second)
		Expect(shown(two.URL)).To(Equal(red))
	})

	It("are stale when a thumbnail is derived anew at its fixed name", func() {
		thumbnail := func() []byte {
			GinkgoHelper()
			b, err := os.ReadFile(filepath.Join(apache.dir, "var/mysite/media/thumbs/portrait.png"))
			Expect(err).NotTo(HaveOccurred())
			return b
		}
		one := media(apache.upload("/portrait/", "me.png", blue))
		old := thumbnail()
		Expect(shown(one.URL)).To(Equal(old))
		two := media(apache.upload("/portrait/", "me-again.png", red))
		Expect(two).To(Equal(one))
		Expect(thumbnail()).NotTo(Equal(old))
		Expect(shown(two.URL)).To(Equal(old))
		Expect(t.invalidate(mediaDistribution, "/thumbs/portrait.png").Items[0].Covered).To(HaveLen(1))
		Expect(shown(two.URL)).To(Equal(thumbnail()))
	})
})

// upload is what the site's doors answer with.
type upload struct {
	Name string `json:"name"`
	URL  string `json:"url"`
}

func media(answer string) (u upload) {
	GinkgoHelper()
	Expect(json.Unmarshal([]byte(answer), &u)).To(Succeed(), answer)
	return u
}

// picture is a small image of one colour.
func picture(c color.Color) []byte {
	i := image.NewRGBA(image.Rect(0, 0, 16, 16))
	for p := range 16 * 16 {
		i.Set(p%16, p/16, c)
	}
	var b bytes.Buffer
	if err := png.Encode(&b, i); err != nil {
		panic(err)
	}
	return b.Bytes()
}
