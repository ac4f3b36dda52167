package collections

// Attachment is a picture of a message, as its readers know it.
type Attachment struct {
	Name    string            `json:"name"`
	Type    string            `json:"type"`
	Width   int               `json:"width"`
	Height  int               `json:"height"`
	Size    int               `json:"size"` // in bytes
	Alt     string            `json:"alt"`
	Preview AttachmentPreview `json:"preview"`
}

// AttachmentPreview is the small version of a picture.
type AttachmentPreview struct {
	Type   string `json:"type"`
	Width  int    `json:"width"`
	Height int    `json:"height"`
	Size   int    `json:"size"`
}

// Files are the pictures of a message and what opens them.
type Files struct {
	Bundle   string       `json:"bundle"`
	Key      []byte       `json:"key"`
	Pictures []Attachment `json:"pictures"`
}
