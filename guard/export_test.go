package guard

// SoundEscapes is open to the fuzz test.
var SoundEscapes = soundEscapes
