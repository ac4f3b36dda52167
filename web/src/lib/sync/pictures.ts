// Photos of messages: fetched with the token, and kept on the device for use offline.
import { auth } from "../api/auth";
import { sync } from "./sync.svelte";

export async function picture(message: string, name: string, preview: boolean): Promise<Blob> {
    const key = `picture/${message}/${name}${preview ? "/preview" : ""}`;
    const kept = await sync.db.get("values", key);
    if (kept instanceof Blob) return kept;
    const address = `/api/messages/${message}/attachments/${name}${preview ? "?preview" : ""}`;
    const response = await fetch(address, { headers: { Authorization: auth.token } });
    if (!response.ok) throw new Error(`the picture was answered ${response.status}`);
    const blob = await response.blob();
    await sync.db.put("values", blob, key);
    return blob;
}

/** The longest side of a photo that is sent. The server stores no larger ones. */
const longestSide = 2048;

/** Shrinks a photo for slow connections, and removes its metadata such as the location. */
export async function prepare(file: File): Promise<Blob> {
    const image = await createImageBitmap(file, { imageOrientation: "from-image" });
    const scale = Math.min(1, longestSide / Math.max(image.width, image.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(image.width * scale);
    canvas.height = Math.round(image.height * scale);
    canvas.getContext("2d")!.drawImage(image, 0, 0, canvas.width, canvas.height);
    image.close();
    const type = file.type === "image/png" ? "image/png" : "image/jpeg";
    return new Promise((done, fail) => {
        canvas.toBlob((blob) => (blob ? done(blob) : fail(new Error("the picture cannot be read"))), type, 0.86);
    });
}
