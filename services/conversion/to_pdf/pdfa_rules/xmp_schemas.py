"""The schemas of XMP that PDF/A knows: properties with their types; where parts differ, by part."""

from __future__ import annotations

_REF = "http://ns.adobe.com/xap/1.0/sType/ResourceRef#"
_EVENT = "http://ns.adobe.com/xap/1.0/sType/ResourceEvent#"
_VERSION = "http://ns.adobe.com/xap/1.0/sType/Version#"
_JOB = "http://ns.adobe.com/xap/1.0/sType/Job#"
_DIMENSIONS = "http://ns.adobe.com/xap/1.0/sType/Dimensions#"
_FONT = "http://ns.adobe.com/xap/1.0/sType/Font#"
_IMAGE = "http://ns.adobe.com/xap/1.0/g/img/"
_COLORANT = "http://ns.adobe.com/xap/1.0/g/"


def _fields(namespace: str, described: str) -> dict[str, str]:
    pairs = (one.split(":", 1) for one in described.split(", "))
    return {f"{{{namespace}}}{name}": kind for name, kind in pairs}


#: Structured types by lower-case name: their fields.
STRUCTURES: dict[str, dict[str, str]] = {
    "resourceref": _fields(
        _REF,
        "instanceID:URI, documentID:URI, versionID:Text, renditionClass:Text, renditionParams:Text, manager:Text, "
        "managerVariant:Text, manageTo:URI, manageUI:URI, filePath:URI, lastModifyDate:Date, maskMarkers:Text, "
        "partMapping:Text, alternatePaths:seq URI, originalDocumentID:URI, fromPart:Text, toPart:Text",
    ),
    "resourceevent": _fields(
        _EVENT,
        "action:Text, instanceID:URI, parameters:Text, softwareAgent:AgentName, when:Date, changed:Text",
    ),
    "version": _fields(
        _VERSION, "comments:Text, event:ResourceEvent, modifyDate:Date, modifier:ProperName, version:Text"
    ),
    "job": _fields(_JOB, "id:Text, name:Text, url:URL"),
    "dimensions": _fields(_DIMENSIONS, "w:Real, h:Real, unit:Text"),
    "thumbnail": _fields(_IMAGE, "height:Integer, width:Integer, format:Text, image:Text"),
    "font": _fields(
        _FONT,
        "fontName:Text, fontFamily:Text, fontFace:Text, fontType:Text, versionString:Text, composite:Boolean, "
        "fontFileName:Text, childFontFiles:seq Text",
    ),
    "colorant": _fields(
        _COLORANT,
        "swatchName:Text, mode:closed CMYK|RGB|LAB, type:closed PROCESS|SPOT, cyan:Real, magenta:Real, yellow:Real, "
        "black:Real, red:Integer, green:Integer, blue:Integer, L:Real, A:Integer, B:Integer",
    ),
    "oecf/sfr": _fields(
        "http://ns.adobe.com/exif/1.0/", "Columns:Integer, Rows:Integer, Names:seq Text, Values:seq Rational"
    ),
    "cfapattern": _fields("http://ns.adobe.com/exif/1.0/", "Columns:Integer, Rows:Integer, Values:seq Integer"),
    "devicesettings": _fields("http://ns.adobe.com/exif/1.0/", "Columns:Integer, Rows:Integer, Settings:seq Text"),
    "flash": _fields(
        "http://ns.adobe.com/exif/1.0/",
        "Fired:Boolean, Return:closed 0|2|3, Mode:closed 0|1|2|3, Function:Boolean, RedEyeMode:Boolean",
    ),
}


_DM = "http://ns.adobe.com/xmp/1.0/DynamicMedia/"
_QUALITY = "closed High|Medium|Low"
_TIMECODES = (
    "closed 24Timecode|25Timecode|2997DropTimecode|2997NonDropTimecode|30Timecode|50Timecode|5994DropTimecode|"
    "5994NonDropTimecode|60Timecode|23976Timecode"
)
STRUCTURES |= {
    "projectlink": _fields(_DM, "type:closed movie|still|audio|custom, path:URI"),
    "timecode": _fields(_DM, f"timeFormat:{_TIMECODES}, timeValue:Text"),
    "time": _fields(_DM, "value:Integer, scale:Rational"),
    "marker": _fields(
        _DM, "startTime:Time, duration:Time, comment:Text, name:Text, location:URI, target:Text, type:Text"
    ),
    "media": _fields(_DM, "path:URI, track:Text, startTime:Time, duration:Time, managed:Boolean, webStatement:URI"),
    "timescalestretch": _fields(_DM, f"quality:{_QUALITY}, frameSize:Real, frameOverlappingPercentage:Real"),
    "resamplestretch": _fields(_DM, f"quality:{_QUALITY}"),
    "beatsplicestretch": _fields(_DM, "riseInDecibel:Real, riseInTimeDuration:Time, useFileBeatsMarker:Boolean"),
}


def _schema(described: str) -> dict[str, str | dict[int, str]]:
    pairs = (one.partition(":") for one in described.split(", "))
    return {name: kind for name, _, kind in pairs}


#: Types of properties by namespace and name; a dictionary has the type by part, where they differ.
SCHEMAS: dict[str, dict[str, str | dict[int, str]]] = {
    "http://purl.org/dc/elements/1.1/": _schema(
        "contributor:bag ProperName, coverage:Text, creator:seq ProperName, date:seq Date, description:Lang Alt, "
        "format:MIMEType, identifier:Text, language:bag Locale, publisher:bag ProperName, relation:bag Text, "
        "rights:Lang Alt, source:Text, subject:bag Text, title:Lang Alt, type:bag Text"
    ),
    "http://ns.adobe.com/xap/1.0/": {
        **_schema(
            "Advisory:bag XPath, BaseURL:URL, CreateDate:Date, CreatorTool:AgentName, Identifier:bag Text, "
            "MetadataDate:Date, ModifyDate:Date, Nickname:Text, Thumbnails:alt Thumbnail"
        ),
        "Label": {2: "Text"},
        "Rating": {2: "Real"},
    },
    "http://ns.adobe.com/xap/1.0/rights/": _schema(
        "Certificate:URL, Marked:Boolean, Owner:bag ProperName, UsageTerms:Lang Alt, WebStatement:URL"
    ),
    "http://ns.adobe.com/xap/1.0/mm/": {
        **_schema(
            "DerivedFrom:ResourceRef, DocumentID:URI, History:seq ResourceEvent, ManagedFrom:ResourceRef, "
            "Manager:AgentName, ManageTo:URI, ManageUI:URI, ManagerVariant:Text, RenditionClass:RenditionClass, "
            "RenditionParams:Text, VersionID:Text, Versions:seq Version, LastURL:URL, RenditionOf:ResourceRef, "
            "SaveID:Integer"
        ),
        "InstanceID": "URI",
        "Ingredients": {2: "bag ResourceRef"},
        "OriginalDocumentID": {2: "URI"},
        "Pantry": {2: "bag Any"},
    },
    "http://ns.adobe.com/xap/1.0/bj/": _schema("JobRef:bag Job"),
    "http://ns.adobe.com/xap/1.0/t/pg/": {
        **_schema("MaxPageSize:Dimensions, NPages:Integer"),
        "Fonts": {2: "bag Font"},
        "Colorants": {2: "seq Colorant"},
        "PlateNames": {2: "seq Text"},
    },
    "http://ns.adobe.com/pdf/1.3/": {
        **_schema("Keywords:Text, PDFVersion:Text, Producer:AgentName"),
        "Trapped": {2: "Boolean"},
    },
    "http://ns.adobe.com/photoshop/1.0/": {
        **_schema(
            "AuthorsPosition:Text, CaptionWriter:ProperName, Category:Text, City:Text, Country:Text, Credit:Text, "
            "DateCreated:Date, Headline:Text, Instructions:Text, Source:Text, State:Text, "
            "SupplementalCategories:bag Text, TransmissionReference:Text, Urgency:Integer"
        ),
    },
    "http://ns.adobe.com/tiff/1.0/": _schema(
        "ImageWidth:Integer, ImageLength:Integer, BitsPerSample:seq Integer, Compression:closed 1|6, "
        "PhotometricInterpretation:closed 2|6, Orientation:closed 1|2|3|4|5|6|7|8, SamplesPerPixel:Integer, "
        "PlanarConfiguration:closed 1|2, YCbCrSubSampling:seq Integer, YCbCrPositioning:closed 1|2, "
        "XResolution:Rational, YResolution:Rational, ResolutionUnit:closed 2|3, TransferFunction:seq Integer, "
        "WhitePoint:seq Rational, PrimaryChromaticities:seq Rational, YCbCrCoefficients:seq Rational, "
        "ReferenceBlackWhite:seq Rational, DateTime:Date, ImageDescription:Lang Alt, Make:ProperName, "
        "Model:ProperName, Software:AgentName, Artist:ProperName, Copyright:Lang Alt"
    ),
    "http://ns.adobe.com/exif/1.0/": _schema(
        "ExifVersion:Text, FlashpixVersion:Text, ColorSpace:closed 1|65535, ComponentsConfiguration:seq Integer, "
        "CompressedBitsPerPixel:Rational, PixelXDimension:Integer, PixelYDimension:Integer, UserComment:Lang Alt, "
        "RelatedSoundFile:Text, DateTimeOriginal:Date, DateTimeDigitized:Date, ExposureTime:Rational, "
        "FNumber:Rational, ExposureProgram:Integer, SpectralSensitivity:Text, ISOSpeedRatings:seq Integer, "
        "OECF:OECF/SFR, ShutterSpeedValue:Rational, ApertureValue:Rational, BrightnessValue:Rational, "
        "ExposureBiasValue:Rational, MaxApertureValue:Rational, SubjectDistance:Rational, MeteringMode:Integer, "
        "LightSource:Integer, Flash:Flash, FocalLength:Rational, SubjectArea:seq Integer, FlashEnergy:Rational, "
        "SpatialFrequencyResponse:OECF/SFR, FocalPlaneXResolution:Rational, FocalPlaneYResolution:Rational, "
        "FocalPlaneResolutionUnit:Integer, SubjectLocation:seq Integer, ExposureIndex:Rational, "
        "SensingMethod:Integer, FileSource:Integer, SceneType:Integer, CFAPattern:CFAPattern, "
        "CustomRendered:Integer, ExposureMode:Integer, WhiteBalance:Integer, DigitalZoomRatio:Rational, "
        "FocalLengthIn35mmFilm:Integer, SceneCaptureType:Integer, GainControl:Integer, Contrast:Integer, "
        "Saturation:Integer, Sharpness:Integer, DeviceSettingDescription:DeviceSettings, "
        "SubjectDistanceRange:Integer, ImageUniqueID:Text, GPSVersionID:Text, GPSLatitude:GPSCoordinate, "
        "GPSLongitude:GPSCoordinate, GPSAltitudeRef:Integer, GPSAltitude:Rational, GPSTimeStamp:Date, "
        "GPSSatellites:Text, GPSStatus:Text, GPSMeasureMode:Text, GPSDOP:Rational, GPSSpeedRef:Text, "
        "GPSSpeed:Rational, GPSTrackRef:Text, GPSTrack:Rational, GPSImgDirectionRef:Text, GPSImgDirection:Rational, "
        "GPSMapDatum:Text, GPSDestLatitude:GPSCoordinate, GPSDestLongitude:GPSCoordinate, GPSDestBearingRef:Text, "
        "GPSDestBearing:Rational, GPSDestDistanceRef:Text, GPSDestDistance:Rational, GPSProcessingMethod:Text, "
        "GPSAreaInformation:Text, GPSDifferential:Integer"
    ),
    "http://www.aiim.org/pdfa/ns/id/": {
        **_schema("part:Integer, amd:Text, conformance:closed A|B|U"),
        "corr": {2: "Text"},
    },
}

#: Films and sound, which parts 2 and 3 know and part 1 does not.
_DYNAMIC_MEDIA = (
    "projectRef:ProjectLink, videoFrameRate:closed 24|NTSC|PAL, videoFrameSize:Dimensions, "
    "videoPixelAspectRatio:Rational, videoPixelDepth:closed 8Int|16Int|32Int|32Float, "
    "videoColorSpace:closed sRGB|CCIR-601|CCIR-709, videoAlphaMode:closed straight|pre-multiplied, "
    "videoAlphaPremultipleColor:Colorant, videoAlphaUnityIsTransparent:Boolean, videoCompressor:Text, "
    "videoFieldOrder:closed Upper|Lower|Progressive, pullDown:closed WSSWW|SSWWW|SWWWS|WWWSS|WWSSW|WSSWW_24p|"
    "SSWWW_24p|SWWWS_24p|WWWSS_24p|WWSSW_24p, audioSampleRate:Integer, "
    "audioSampleType:closed 8Int|16Int|32Int|32Float, audioChannelType:closed Mono|Stereo|5.1|7.1, "
    "audioCompressor:Text, speakerPlacement:Text, fileDataRate:Rational, tapeName:Text, altTapeName:Text, "
    "startTimecode:Timecode, altTimecode:Timecode, duration:Time, scene:Text, shotName:Text, shotDate:Date, "
    "shotLocation:Text, logComment:Text, markers:seq Marker, contributedMedia:bag Media, "
    "absPeakAudioFilePath:URI, relativePeakAudioFilePath:URI, videoModDate:Date, audioModDate:Date, "
    "metadataModDate:Date, artist:Text, album:Text, trackNumber:Integer, genre:Text, copyright:Text, "
    "releaseDate:Date, composer:Text, engineer:Text, tempo:Real, instrument:Text, introTime:Time, outCue:Time, "
    "relativeTimestamp:Time, loop:Boolean, numberOfBeats:Real, key:closed C|C#|D|D#|E|F|F#|G|G#|A|A#|B, "
    "stretchMode:closed Fixed length|Time-Scale|Resample|Beat Splice|Hybrid, timeScaleParams:timeScaleStretch, "
    "resampleParams:resampleStretch, beatSpliceParams:beatSpliceStretch, "
    "timeSignature:closed 2/4|3/4|4/4|5/4|7/4|6/8|9/8|12/8|other, scaleType:closed Major|Minor|Both|Neither"
)
SCHEMAS[_DM] = {name: {2: str(kind)} for name, kind in _schema(_DYNAMIC_MEDIA).items()}
SCHEMAS["http://ns.adobe.com/exif/1.0/aux/"] = {"Lens": {2: "Text"}, "SerialNumber": {2: "Text"}}

#: Settings of cameras' raw images, likewise.
_CAMERA_RAW = (
    "AutoBrightness:Boolean, AutoContrast:Boolean, AutoExposure:Boolean, AutoShadows:Boolean, BlueHue:Integer, "
    "BlueSaturation:Integer, Brightness:Integer, CameraProfile:Text, ChromaticAberrationB:Integer, "
    "ChromaticAberrationR:Integer, ColorNoiseReduction:Integer, Contrast:Integer, CropTop:Real, CropLeft:Real, "
    "CropBottom:Real, CropRight:Real, CropAngle:Real, CropWidth:Real, CropHeight:Real, CropUnits:closed 0|1|2, "
    "Exposure:Real, GreenHue:Integer, GreenSaturation:Integer, HasCrop:Boolean, HasSettings:Boolean, "
    "LuminanceSmoothing:Integer, RawFileName:Text, RedHue:Integer, RedSaturation:Integer, Saturation:Integer, "
    "Shadows:Integer, ShadowTint:Integer, Sharpness:Integer, Temperature:Integer, Tint:Integer, "
    "ToneCurve:seq Text, ToneCurveName:closed Linear|Medium Contrast|Strong Contrast|Custom, Version:Text, "
    "VignetteAmount:Integer, VignetteMidpoint:Integer, "
    "WhiteBalance:closed As Shot|Auto|Daylight|Cloudy|Shade|Tungsten|Fluorescent|Flash|Custom"
)
SCHEMAS["http://ns.adobe.com/camera-raw-settings/1.0/"] = {
    name: {2: str(kind)} for name, kind in _schema(_CAMERA_RAW).items()
}
